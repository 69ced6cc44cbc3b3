"""One record in, one answer out; the batch form uses the same pieces."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from bureau.enrich.contacts import Asked, addresses_of, emails_of, phones_of, reachable
from bureau.enrich.finder import Finder, Finding
from bureau.enrich.linked import holder
from bureau.ids import sortable
from bureau.matching.model import Model
from bureau.matching.posterior import Outcome
from bureau.model.answer import Answer, Candidate, Charge, ContactAnswer, ExplanationRow, Match, Status
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import EnrichRequest, Kind
from bureau.normalise.record import canonical
from bureau.population import Population
from bureau.population.models import trained_models

_STATUS = {
    Outcome.MATCHED: Status.MATCHED,
    Outcome.AMBIGUOUS: Status.AMBIGUOUS,
    Outcome.NOT_FOUND: Status.NOT_FOUND,
}
_NOTHING_FOR = {status: Charge(0, status.value) for status in Status}
_MATCHED = Charge(1, "matched")
_WANTING = Charge(0, "required_contact_missing")


def now() -> datetime:
    return datetime.now(UTC)


class Enricher:
    """Answers from one population. ``clock`` gives the present instant.

    Without ``models`` those that ``bureau train`` wrote into the population's home are used, and otherwise the shipped
    ones; ``UnreadableInput`` says what is wrong with a file of the former.
    """

    def __init__(
        self,
        population: Population,
        models: Mapping[Kind, Model] | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.population = population
        models = trained_models(population.directory.parents[1]) if models is None else models
        self._finders = {kind: Finder(population, kind, models.get(kind)) for kind in Kind}
        self._clock = clock

    def enrich(self, request: EnrichRequest) -> Answer:
        """The whole answer, verdicts to depth ``syntax`` (see ``verdicts.deepen`` for more).

        Raises ``InvalidRecord`` for a record that cannot be used, with the pointer of what is wrong.
        """
        asked = self._read(request)
        return self.answer(asked, self.find(asked), 0)

    def match(self, request: EnrichRequest) -> Answer:
        """As :meth:`enrich`, without contacts and with up to ``candidates`` candidates."""
        asked = self._read(request)
        finding = self.find(asked)
        answer = self._identified(asked, finding, 0)
        if asked.options.candidates > 1:
            answer.candidates = self._candidates(asked, finding, 0, contacts=False)
        return answer

    def find(self, asked: Asked) -> Finding:
        """Who one record is."""
        return self.finder(asked.canonical.kind).find([asked.canonical], asked.options.min_probability)

    def finder(self, kind: Kind) -> Finder:
        return self._finders[kind]

    def answer(self, asked: Asked, finding: Finding, query: int) -> Answer:
        """The answer to query number ``query`` of a finding."""
        answer = self._identified(asked, finding, query)
        kind, population = asked.canonical.kind, self.population
        entity = int(finding.matches.entity[query, finding.decisions.chosen[query]])
        matched = answer.status is Status.MATCHED
        held = holder(population, kind, entity) if matched else None
        answer.emails = emails_of(population, held, asked)
        answer.phones = phones_of(population, held, asked)
        if matched:
            answer.addresses = addresses_of(population, kind, entity)
            if _lacking(answer, asked):
                return self._withheld(answer, asked)
        elif answer.status is Status.AMBIGUOUS and asked.options.candidates > 1:
            answer.candidates = self._candidates(asked, finding, query, contacts=True)
        return answer

    def _read(self, request: EnrichRequest) -> Asked:
        at = self._clock()
        return Asked(request.record, canonical(request.record, at.date()), request.options, at)

    def _identified(self, asked: Asked, finding: Finding, query: int) -> Answer:
        decisions, matches = finding.decisions, finding.matches
        status = _STATUS[Outcome(decisions.outcome[query])]
        chosen = int(decisions.chosen[query])
        entity = int(matches.entity[query, chosen])
        matched = status is Status.MATCHED
        found = Match(
            entity_id=self.population.entity_id(asked.canonical.kind, entity) if matched else None,
            probability=round(float(decisions.probability[query]), 6),
            weight_bits=round(float(matches.score[query, chosen]), 4) if entity >= 0 else 0.0,
            candidates_considered=int(matches.considered[query]),
            population=self.population.id,
            model=self.finder(asked.canonical.kind).model.version,
            runner_up_gap_bits=_finite(float(decisions.gap[query])) if entity >= 0 else None,
            budget_hit=bool(matches.budget_hit[query]),
        )
        if matched and asked.options.explain:
            found.explanation, found.weight_bits = self._explained(asked.canonical, finding, query, chosen)
        return Answer(
            id=sortable("enr"),
            reference=asked.record.reference,
            status=status,
            charge=_MATCHED if matched else _NOTHING_FOR[status],
            match=found,
            repairs=list(asked.canonical.repairs),
            name=self.population.entity_name(asked.canonical.kind, entity) if matched else None,
        )

    def _explained(
        self, record: CanonicalRecord, finding: Finding, query: int, place: int
    ) -> tuple[list[ExplanationRow], float]:
        matches = finding.matches
        return self.finder(record.kind).explain(
            record, int(matches.entity[query, place]), int(matches.record[query, place])
        )

    def _candidates(self, asked: Asked, finding: Finding, query: int, *, contacts: bool) -> list[Candidate]:
        kind, population, matches = asked.canonical.kind, self.population, finding.matches
        found = []
        for place, entity in enumerate(matches.entity[query, : asked.options.candidates].tolist()):
            if entity < 0:
                break
            candidate = Candidate(
                population.entity_id(kind, entity),
                round(float(finding.decisions.each[query, place]), 6),
                round(float(matches.score[query, place]), 4),
                population.entity_name(kind, entity),
            )
            if asked.options.explain:
                candidate.explanation, candidate.weight_bits = self._explained(asked.canonical, finding, query, place)
            if contacts:
                held = holder(population, kind, entity)
                candidate.emails = emails_of(population, held, asked)
                candidate.phones = phones_of(population, held, asked)
            found.append(candidate)
        return found

    def _withheld(self, answer: Answer, asked: Asked) -> Answer:
        """A match without a required contact is worth nothing to the client: it is answered, and charged, as a miss."""
        answer.status, answer.charge, answer.match, answer.name, answer.addresses = (
            Status.NOT_FOUND,
            _WANTING,
            None,
            None,
            [],
        )
        answer.emails = emails_of(self.population, None, asked)
        answer.phones = phones_of(self.population, None, asked)
        return answer


def _lacking(answer: Answer, asked: Asked) -> bool:
    held: dict[str, Sequence[ContactAnswer]] = {"email": answer.emails, "phone": answer.phones}
    return any(not reachable(held[required]) for required in asked.options.require)


def _finite(bits: float) -> float | None:
    return round(bits, 4) if bits != float("inf") else None
