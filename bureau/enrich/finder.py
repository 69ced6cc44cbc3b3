"""Who is it? Canonical records to decisions, for one kind of entity of one population."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bureau.compiled import entry
from bureau.matching.engine import Matches, match, no_matches
from bureau.matching.explain import RegisterKnowledge, found_record
from bureau.matching.layout import DATE
from bureau.matching.model import Model, default_model
from bureau.matching.one import Decision, match_one, packed
from bureau.matching.posterior import Decisions, Rule, decide, no_decisions
from bureau.matching.prepare import column_subjects, compared, subjects
from bureau.matching.reference import Found, weigh
from bureau.matching.search import Target
from bureau.matching.statistics import PLACES, statistics
from bureau.matching.subject import NO_TAX, Subjects
from bureau.matching.weights import weights
from bureau.model.answer import ExplanationRow
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Kind
from bureau.normalise.record_columns import CanonicalColumns
from bureau.population import Population
from bureau.population.models import FOLDER
from bureau.reference.names import shares_of_women
from bureau.reference.places import municipality_states


class Weighed(NamedTuple):
    """One candidate: ``record`` is the one it was seen under, ``score`` in bits against "none of them"."""

    entity: int
    record: int
    probability: float
    score: float


class Finding(NamedTuple):
    """A batch's matches and what was decided on them."""

    matches: Matches
    decisions: Decisions

    def each(self) -> list[Decision]:
        """Every query's decision, in order."""
        matches, decisions = self.matches, self.decisions
        answered = np.arange(len(decisions.chosen)), decisions.chosen
        columns = (
            decisions.outcome,
            matches.entity[answered],
            matches.record[answered],
            decisions.probability,
            matches.score[answered],
            decisions.gap,
            matches.considered,
            matches.budget_hit,
        )
        return list(map(Decision, *(column.tolist() for column in columns)))

    def candidates(self, query: int, count: int) -> list[Weighed]:
        """A query's most probable candidates, at most ``count`` (and ten)."""
        matches = self.matches
        rows = (matches.entity, matches.record, self.decisions.each, matches.score)
        found = map(Weighed, *(row[query, :count].tolist() for row in rows))
        return [candidate for candidate in found if candidate.entity >= 0]


class Finder:
    """Finds entities of one kind. ``model`` defaults to the shipped one."""

    def __init__(self, population: Population, kind: Kind, model: Model | None = None) -> None:
        self.population = population
        self.kind = kind
        self.model = model or default_model(FOLDER[kind])
        register = population.register(kind)
        counts, women = population.counts[kind], shares_of_women(register.vocabulary.letters)
        self._statistics = statistics(register.tax_id, register.vocabulary, counts, _state_of(), women)
        self._target = Target(register, self._statistics, weights(self.model, self._statistics))
        self._token_ids: Mapping[str, int] = population.token_ids[kind]
        self._people = kind is Kind.PERSON
        nobody = (subjects([CanonicalRecord(kind)], self._token_ids), self._target, self._people, no_matches(1))
        self._match = entry(match, *nobody)
        rule, none = Rule(1.0, self._target.weights.twice, self._people), np.zeros(1, np.bool_)
        self._decide = entry(decide, no_matches(1), rule, none, register, no_decisions(1))
        self._match_one = entry(match_one, *packed(CanonicalRecord(kind), self._token_ids), *nobody[1:3], 1.0)
        self._knowledge = RegisterKnowledge(register, self._statistics, self._token_ids)

    def find_one(self, record: CanonicalRecord, threshold: float) -> Decision:
        """Match and decide one record; the same as :meth:`find`, without its other candidates and at half the cost."""
        asked = packed(record, self._token_ids)
        return Decision(*self._match_one(*asked, self._target, self._people, float(threshold)))

    def find(self, records: Sequence[CanonicalRecord], threshold: float) -> Finding:
        """Match and decide a batch."""
        return self._decided(subjects(records, self._token_ids), threshold)

    def find_columns(self, columns: CanonicalColumns, threshold: float) -> Finding:
        """:meth:`find` for records of this kind in columns."""
        return self._decided(column_subjects(columns, self._token_ids), threshold)

    def _decided(self, asked: Subjects, threshold: float) -> Finding:
        matches = no_matches(len(asked.rows))
        self._match(asked, self._target, self._people, matches)
        sparse = (asked.rows[:, DATE] == 0) & (asked.tax_state == NO_TAX)
        rule, decisions = Rule(float(threshold), self._target.weights.twice, self._people), no_decisions(len(sparse))
        self._decide(matches, rule, sparse, self._target.register, decisions)
        return Finding(matches, decisions)

    def explain(self, asked: CanonicalRecord, entity: int, record: int) -> tuple[list[ExplanationRow], float]:
        """The rows of one candidate's score, and their sum; values are masked unless they are what was submitted."""
        population, kind = self.population, self.kind
        phones = frozenset(int(claim["value"]) for claim in population.phones(kind, entity))
        emails = frozenset(population.text(int(claim["value"])) for claim in population.emails(kind, entity))
        found = found_record(self._target.register, population.display[kind].tokens, record, phones, emails)
        weighing = weigh(compared(asked), found, self.model, self._knowledge)
        rows = [ExplanationRow("prior", "any_of_the_population", round(weighing.prior, 4))]
        for row in weighing.rows:
            if any(row.bits):
                rows.append(_explained(row.field, row.level.name.lower(), row.bits[0], _shown(row.field, asked, found)))
        if weighing.relatives:
            rows.append(ExplanationRow("relatives", "explained_by_family", round(-weighing.relatives, 4)))
        return rows, round(sum(row.weight_bits for row in rows), 4)


def _explained(field: str, level: str, bits: float, shown: tuple[str | None, str | None]) -> ExplanationRow:
    return ExplanationRow(field, level, round(bits, 4), *shown)


def _shown(field: str, asked: CanonicalRecord, found: Found) -> tuple[str | None, str | None]:
    """What was submitted and what was found, as far as the caller may see it: names are part of the answer; of a
    differing date only the year, of a differing mother only initials; identifiers and contacts never."""
    match field:
        case "name":
            return " ".join(asked.name), " ".join(found.name)
        case "mother_name":
            ours = " ".join(token if token in asked.mother else token[0] + "." for token in found.mother)
            return " ".join(asked.mother), ours
        case "birth_date":
            same = asked.date == found.date
            return _iso(asked.date), _iso(found.date) if same else f"{found.date // 10000:04}-**-**"
        case _:
            return None, None


def _iso(date: int) -> str:
    return f"{date // 10000:04}-{date // 100 % 100:02}-{date % 100:02}"


def _state_of() -> np.ndarray:
    column = np.zeros(PLACES, np.uint8)
    known = municipality_states()
    column[: len(known)] = known
    return column
