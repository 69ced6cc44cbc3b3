"""One record in, one answer out; the batch form uses the same pieces."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bureau.enrich.contacts import Asked, addresses_of, emails_of, phones_of, reachable
from bureau.enrich.finder import Finder, Weighed
from bureau.enrich.group_contacts import GroupAnswers
from bureau.enrich.linked import holder
from bureau.ids import sortable
from bureau.matching.model import Model
from bureau.matching.one import Decision
from bureau.matching.posterior import Outcome
from bureau.model.answer import Answer, Candidate, Charge, ContactAnswer, ExplanationRow, Match, Status
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import EnrichRequest, Kind
from bureau.normalise.record import canonical
from bureau.population import Population
from bureau.population.models import trained_models

SINGLY = 8
"""Up to so many records are found one by one: 24 microseconds each, where a batch of 4 takes 28, one of 8 takes 25 and
one of 32, 22 (10 M people)."""

_STATUS = {
    int(Outcome.MATCHED): Status.MATCHED,
    int(Outcome.AMBIGUOUS): Status.AMBIGUOUS,
    int(Outcome.NOT_FOUND): Status.NOT_FOUND,
}
_NOTHING_FOR = {status: Charge(0, status.value) for status in Status}
_MATCHED = Charge(1, "matched")
_WANTING = Charge(0, "required_contact_missing")


class Found(NamedTuple):
    """Who one record is; ``candidates`` only if several were asked for."""

    decision: Decision
    candidates: Sequence[Weighed] = ()


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
        self._contacts = GroupAnswers(population)
        self._clock = clock

    def enrich(self, request: EnrichRequest) -> Answer:
        """The whole answer, verdicts to depth ``syntax`` (see ``verdicts.deepen`` for more).

        Raises ``InvalidRecord`` for a record that cannot be used, with the pointer of what is wrong.
        """
        return self.answers([self.read(request)])[0]

    def match(self, request: EnrichRequest) -> Answer:
        """As :meth:`enrich`, without contacts and with up to ``candidates`` candidates."""
        return self.matches([self.read(request)])[0]

    def read(self, request: EnrichRequest) -> Asked:
        """The request with its record in canonical form. Raises ``InvalidRecord``."""
        at = self._clock()
        return Asked(request.record, canonical(request.record, at.date()), request.options, at, purpose=request.purpose)

    def answers(self, batch: Sequence[Asked]) -> list[Answer]:
        """:meth:`enrich` of requests that were read. Those that ask alike are looked for together, and of all answers
        one part is made after the other: part by part the code and tables of each are at hand, which is worth a
        tenth of the time."""
        population, found = self.population, self._found(batch)
        answers = self._all_identified(batch, found)
        held = [
            holder(population, asked.canonical.kind, one.decision.entity) if answer.status is Status.MATCHED else None
            for answer, asked, one in zip(answers, batch, found, strict=True)
        ]
        for answer, emails in zip(answers, self._contacts.emails(batch, held), strict=True):
            answer.emails = emails
        for answer, phones in zip(answers, self._contacts.phones(batch, held), strict=True):
            answer.phones = phones
        for answer, whose in zip(answers, held, strict=True):
            if whose:
                answer.addresses = addresses_of(population, whose.kind, whose.entity)
        return [self._finished(*parts) for parts in zip(answers, batch, found, strict=True)]

    def matches(self, batch: Sequence[Asked]) -> list[Answer]:
        """:meth:`match` of requests that were read."""
        answers = []
        everybody = self._found(batch)
        for answer, asked, found in zip(self._all_identified(batch, everybody), batch, everybody, strict=True):
            if asked.options.candidates > 1:
                answer.candidates = self._candidates(asked, found.candidates, contacts=False)
            answers.append(answer)
        return answers

    def finder(self, kind: Kind) -> Finder:
        return self._finders[kind]

    def _finished(self, answer: Answer, asked: Asked, found: Found) -> Answer:
        """What is rarely asked for: contacts that must be there, and several candidates."""
        if answer.status is Status.MATCHED and asked.options.require and _lacking(answer, asked):
            return self._withheld(answer, asked)
        if answer.status is Status.AMBIGUOUS and found.candidates:
            answer.candidates = self._candidates(asked, found.candidates, contacts=True)
        return answer

    def _found(self, batch: Sequence[Asked]) -> Sequence[Found]:
        """Who each of them is, in order."""
        if len(batch) <= SINGLY and all(asked.options.candidates == 1 for asked in batch):
            return [Found(self._found_alone(asked)) for asked in batch]
        alike: dict[tuple[Kind, float], list[int]] = {}
        for place, asked in enumerate(batch):
            alike.setdefault((asked.canonical.kind, asked.options.min_probability), []).append(place)
        found: dict[int, Found] = {}
        for (kind, threshold), places in alike.items():
            finding = self._finders[kind].find([batch[place].canonical for place in places], threshold)
            for query, (place, decision) in enumerate(zip(places, finding.each(), strict=True)):
                several = batch[place].options.candidates
                found[place] = Found(decision, finding.candidates(query, several) if several > 1 else ())
        return [found[place] for place in range(len(batch))]

    def _found_alone(self, asked: Asked) -> Decision:
        return self._finders[asked.canonical.kind].find_one(asked.canonical, asked.options.min_probability)

    def _all_identified(self, batch: Sequence[Asked], found: Sequence[Found]) -> list[Answer]:
        return [self._identified(asked, one.decision) for asked, one in zip(batch, found, strict=True)]

    def _identified(self, asked: Asked, decision: Decision) -> Answer:
        kind, entity, population = asked.canonical.kind, decision.entity, self.population
        status = _STATUS[decision.outcome]
        matched = status is Status.MATCHED
        found = Match(
            entity_id=population.entity_id(kind, entity) if matched else None,
            probability=round(decision.probability, 6),
            weight_bits=round(decision.score, 4) if entity >= 0 else 0.0,
            candidates_considered=decision.considered,
            population=population.id,
            model=self._finders[kind].model.version,
            runner_up_gap_bits=_finite(decision.gap) if entity >= 0 else None,
            budget_hit=decision.budget_hit,
        )
        if matched and asked.options.explain:
            found.explanation, found.weight_bits = self._explained(asked.canonical, entity, decision.record)
        return Answer(
            id=sortable("enr"),
            reference=asked.record.reference,
            status=status,
            charge=_MATCHED if matched else _NOTHING_FOR[status],
            match=found,
            repairs=list(asked.canonical.repairs),
            name=population.entity_name(kind, entity) if matched else None,
        )

    def _explained(self, record: CanonicalRecord, entity: int, seen_as: int) -> tuple[list[ExplanationRow], float]:
        return self._finders[record.kind].explain(record, entity, seen_as)

    def _candidates(self, asked: Asked, weighed: Sequence[Weighed], *, contacts: bool) -> list[Candidate]:
        kind, population = asked.canonical.kind, self.population
        found = []
        for entity, record, probability, score in weighed:
            candidate = Candidate(
                population.entity_id(kind, entity),
                round(probability, 6),
                round(score, 4),
                population.entity_name(kind, entity),
            )
            if asked.options.explain:
                candidate.explanation, candidate.weight_bits = self._explained(asked.canonical, entity, record)
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
