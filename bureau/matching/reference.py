"""The comparison rules in plain Python, on words and dates: what the compiled loops must equal, and what explains.

Slow and obvious on purpose. ``weigh`` gives one row per observation, each worth some bits under every hypothesis; the
score is the prior, plus the rows under "same", less what relatives explain just as well.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from bureau.matching.field_levels import date_level, suffix_level, tax_level
from bureau.matching.levels import Hypothesis, Level
from bureau.matching.model import Model
from bureau.matching.subject import FIRST_MOBILE
from bureau.matching.words import align, joined_tokens, token_likeness
from bureau.model.canonical import CanonicalRecord

FEMALE = 2


class Found(msgspec.Struct, frozen=True):
    """One record of the population, in words. ``places`` are (municipality, CEP), the latest first; ``house`` is the
    latest one's number; ``tax_id`` the entity's."""

    name: tuple[str, ...]
    mother: tuple[str, ...]
    suffix: int
    date: int
    sex: int
    places: tuple[tuple[int, int], ...]
    house: int
    tax_id: int | None
    phones: frozenset[int]
    emails: frozenset[str]


class Knowledge(Protocol):
    """What the population tells of its values: information in bits, -log2 of a frequency, and counts."""

    entities: int

    def first_bits(self, token: str) -> float | None: ...
    def other_bits(self, token: str) -> float | None: ...
    def date_bits(self, date: int) -> float: ...
    def city_bits(self, municipality: int) -> float: ...
    def postal_bits(self, postal_code: int) -> float: ...
    def homonyms(self, name: Sequence[str]) -> int: ...
    def share_of_women(self, first_name: str) -> float: ...
    def is_given_name(self, token: str) -> bool: ...
    def claimants(self, contact: int | str) -> int: ...
    def state(self, municipality: int) -> int: ...


class Row(msgspec.Struct, frozen=True):
    """One observation: its level, what was compared, and its bits under each hypothesis."""

    field: str
    level: Level
    submitted: str
    found: str
    bits: tuple[float, ...]


class Weighing(msgspec.Struct, frozen=True):
    """``score`` = ``prior`` + the rows' bits under "same" - ``relatives``."""

    prior: float
    rows: tuple[Row, ...]
    relatives: float

    @property
    def score(self) -> float:
        return self.prior + math.fsum(row.bits[Hypothesis.SAME] for row in self.rows) - self.relatives


def weigh(asked: CanonicalRecord, found: Found, model: Model, known: Knowledge) -> Weighing:
    """Weigh one candidate."""
    rows = tuple(Comparison(model, known).rows(asked, found))
    odds = math.log2(model.coverage / (1 - model.coverage)) - math.log2(known.entities)
    kin = model.relative_bits() - math.log2(known.entities)
    women = float((found.sex or asked.sex) == FEMALE)
    if not (found.sex or asked.sex) and found.name:
        women = known.share_of_women(found.name[0])
    kin[Hypothesis.NAMESAKE] += math.log2(1 - women * (1 - model.namesake_women))
    explained = sum(
        2.0 ** (math.fsum(r.bits[h] for r in rows) + kin[h]) for h in Hypothesis if h is not Hypothesis.SAME
    )
    return Weighing(odds, rows, math.log2(1 + explained))


class Comparison:
    """The rules, with the model and the population's knowledge at hand."""

    def __init__(self, model: Model, known: Knowledge) -> None:
        self.table = model.weights()
        self.slips = Level.TAX_SLIP.name.lower() in model.levels
        self.limits = model.limits
        self.known = known

    def rows(self, asked: CanonicalRecord, found: Found) -> Iterator[Row]:
        yield from self._name(asked.name, found.name)
        yield self._row("suffix", suffix_level(asked.suffix, found.suffix), str(asked.suffix), str(found.suffix))
        level = date_level(asked.date, found.date)
        rarity = self.known.date_bits(asked.date) if level is Level.DATE_SAME else 0.0
        yield self._row("birth_date", level, str(asked.date), str(found.date), rarity)
        yield from self._mother(asked.mother, found.mother)
        yield self._place(asked, found)
        sex = Level.MISSING
        if asked.sex and found.sex:
            sex = Level.SEX_SAME if asked.sex == found.sex else Level.SEX_DIFFERENT
        yield self._row("sex", sex, "FM"[asked.sex & 1], "FM"[found.sex & 1])
        yield self._row("tax_id", tax_level(asked.tax, found.tax_id, slips=self.slips), "", "")
        yield from self._claims(asked, found)

    def _row(self, field: str, level: Level, submitted: str, found: str, rarity: float = 0.0) -> Row:
        return Row(field, level, submitted, found, tuple(float(b) + rarity for b in self.table[level]))

    def _token(
        self, level: Level, alike: int, pair: tuple[str, str], bits: tuple[float | None, float]
    ) -> tuple[Row, float]:
        """A pair of tokens and its information: (of what was submitted, of what was found)."""
        typed, real = 99.0 if bits[0] is None else bits[0], bits[1]
        if alike == 0:
            return self._row("name", level, *pair, typed), typed
        if alike == 4:
            which = Level.GIVEN_INITIAL if level is Level.GIVEN_SAME else Level.SURNAME_INITIAL
            return self._row("name", which, *pair, self.limits.initial_bits), self.limits.initial_bits
        penalty, space = self._misspelling(alike)
        which = Level(level + alike)
        borne = self.table[level] - self.table[level][Hypothesis.SAME]
        weights = tuple(
            float(min(real - penalty + shared, b + typed - space))
            for shared, b in zip(borne, self.table[which], strict=True)
        )
        return Row("name", which, *pair, weights), weights[0]

    def _misspelling(self, alike: int) -> tuple[float, float]:
        limits = self.limits
        edit = limits.edit_space_bits
        return {
            1: (limits.variant_penalty, 0.0),
            2: (limits.one_edit_penalty, edit),
            3: (limits.two_edits_penalty, 2 * edit - 1),
        }[alike]

    def _name(self, asked: Sequence[str], found: Sequence[str]) -> Iterator[Row]:
        if not asked or not found:
            return
        pairs = align(asked, found)
        joined = joined_tokens(asked, found, pairs)
        information, given, identical = 0.0, False, len(asked) == len(found) == len(pairs)
        moved = False
        later: list[int] = []
        taken = {j for j, _ in pairs.values()}
        if joined:
            parts, (i, j) = joined.parts, joined.at
            information = math.fsum(self.known.other_bits(found[p]) or 0.0 for p in parts)
            yield self._row("name", Level.SURNAME_JOINED, asked[i], found[j], information)
            given = j == 0
            taken |= set(parts)
        for i, (j, alike) in sorted(pairs.items()):
            pair = (asked[i], found[j])
            identical = identical and alike == 0 and i == j
            if i == 0 and j == 0:
                row, bits = self._token(
                    Level.GIVEN_SAME,
                    alike,
                    pair,
                    (self.known.first_bits(pair[0]), self.known.first_bits(pair[1]) or 0.0),
                )
                information, given = information + bits, True
            elif 0 in (i, j) and not moved:
                bits = (self.known.other_bits(pair[1]) or 0.0) - (self._misspelling(alike)[0] if alike else 0.0)
                row, given, moved = self._row("name", Level.GIVEN_MOVED, *pair, bits), True, True
            else:
                row, bits = self._token(
                    Level.SURNAME_SAME,
                    alike,
                    pair,
                    (self.known.other_bits(pair[0]), self.known.other_bits(pair[1]) or 0.0),
                )
                information += bits
                if 0 not in (i, j):
                    later.append(j)
            yield row
        if not given:
            yield self._row("name", Level.GIVEN_DIFFERENT, asked[0], found[0])
        if later != sorted(later):
            yield self._row("name", Level.SURNAME_ORDER, "", "")
        if pairs.get(0) == (0, 0) and pairs.get(1) == (1, 0):
            yield self._row("name", Level.NAMED_ALIKE, "", "")
        yield from self._unmatched(asked, found, set(pairs) | set(joined.mine if joined else ()), taken)
        if identical and given:
            yield from self._common_name(asked, information)

    def _unmatched(self, asked: Sequence[str], found: Sequence[str], mine: set[int], theirs: set[int]) -> Iterator[Row]:
        if own := self._own_given_names(asked, found, mine, theirs):
            yield self._row("name", Level.MIDDLE_REPLACED, asked[own[0]], found[own[1]])
            mine, theirs = mine | {own[0]}, theirs | {own[1]}
        added = [i for i in range(1, len(asked)) if i not in mine]
        dropped = [j for j in range(1, len(found) - 1) if j not in theirs]
        last = len(found) - 1
        if last > 0 and last not in theirs:
            if len(asked) > 1 and len(asked) - 1 in added:
                added.remove(len(asked) - 1)
                yield self._row("name", Level.LAST_REPLACED, asked[-1], found[-1])
            else:
                yield self._row("name", Level.LAST_DROPPED, "", found[-1])
        for i in added:
            yield self._row("name", Level.SURNAME_ADDED, asked[i], "")
        for j in dropped:
            yield self._row("name", Level.SURNAME_DROPPED, "", found[j])

    def _own_given_names(
        self, asked: Sequence[str], found: Sequence[str], mine: set[int], theirs: set[int]
    ) -> tuple[int, int] | None:
        i = 0 if 0 in theirs and 0 not in mine else 1
        j = 0 if 0 in mine and 0 not in theirs else 1
        if i in mine or j in theirs or i >= len(asked) or j >= len(found):
            return None
        last = (i == len(asked) - 1) + (j == len(found) - 1)
        surname = last == 1 and (i != j or not all(map(self.known.is_given_name, (asked[i], found[j]))))
        return None if last == 2 or surname or token_likeness(asked[i], found[j]) < 5 else (i, j)

    def _common_name(self, asked: Sequence[str], information: float) -> Iterator[Row]:
        others = self.known.homonyms(asked) - 1
        if others > 0 and (excess := information - math.log2(self.known.entities / others)) > 0:
            yield self._row("name", Level.COMMON_NAME, "", "", -excess)

    def _mother(self, asked: Sequence[str], found: Sequence[str]) -> Iterator[Row]:
        if not asked or not found:
            return
        pairs = align(asked, found)
        first, surnames, given, shared = 0.0, 0.0, False, 0
        identical = len(asked) == len(found) and all(pairs.get(i) == (i, 0) for i in range(len(asked)))
        for i, (j, alike) in pairs.items():
            is_first = i == 0 and j == 0
            rarity = self.known.first_bits if is_first else self.known.other_bits
            worth = self._mother_token(alike, rarity(asked[i]), rarity(found[j]) or 0.0)
            if is_first and alike != 4:
                worth -= 1  # half of all people are no mothers
            given, shared = given or is_first, shared + (not is_first)
            first, surnames = (worth, surnames) if is_first else (first, surnames + worth)
        level = Level.MOTHER_DIFFERENT
        if identical:
            level = Level.MOTHER_SAME
        elif given:
            level = Level.MOTHER_COMPATIBLE if shared else Level.MOTHER_GIVEN
        elif shared:
            level = Level.MOTHER_SURNAME
        bits = [min(max(first + surnames, 0.0), self.limits.mother)] * len(Hypothesis)
        bits[Hypothesis.NAMESAKE] = min(max(surnames, 0.0), self.limits.mother)
        weights = tuple(float(b) + extra for b, extra in zip(self.table[level], bits, strict=True))
        yield Row("mother_name", level, " ".join(asked), " ".join(found), weights)

    def _mother_token(self, alike: int, typed: float | None, real: float) -> float:
        if alike == 0:
            return real
        if alike == 4:
            return self.limits.initial_bits
        penalty, space = self._misspelling(alike)
        return max(min(real - penalty, (99.0 if typed is None else typed) - space), 0.0)

    def _place(self, asked: CanonicalRecord, found: Found) -> Row:
        level = Level.MISSING
        for k, (city, code) in enumerate(found.places):
            if asked.postal_code and asked.postal_code == code:
                house = k == 0 and asked.house and asked.house == found.house
                level = Level.PLACE_HOUSE if house else Level.PLACE_POSTAL
                break
            if asked.municipality and city:
                here = Level.PLACE_ELSEWHERE
                if asked.municipality == city:
                    here = Level.PLACE_CITY
                elif self.known.state(asked.municipality) == self.known.state(city):
                    here = Level.PLACE_STATE
                level = min(level, here)
        rarity = 0.0
        if level is Level.PLACE_CITY:
            rarity = min(self.known.city_bits(asked.municipality), self.limits.city)
        elif level < Level.PLACE_CITY:
            rarity = min(self.known.postal_bits(asked.postal_code), self.limits.postal_code)
        return self._row("address", level, "", "", rarity)

    def _claims(self, asked: CanonicalRecord, found: Found) -> Iterator[Row]:
        phones = [number for _, number in asked.phones if number in found.phones]
        emails = [address for _, address in asked.emails if address in found.emails]
        mobiles = [number for number in phones if number >= FIRST_MOBILE and self.known.claimants(number) == 1]
        mailboxes = [address for address in emails if self.known.claimants(address) == 1]
        if phones:
            level = Level.PHONE_SAME if mobiles else Level.PHONE_SHARED
            yield self._claim("phones", level, mobiles or phones, self.limits.phone)
        if emails:
            level = Level.EMAIL_SAME if mailboxes else Level.EMAIL_SHARED
            yield self._claim("emails", level, mailboxes or emails, self.limits.email)

    def _claim(self, field: str, level: Level, shared: Sequence[int | str], limit: float) -> Row:
        rarest = max(math.log2(self.known.entities / self.known.claimants(contact)) for contact in shared)
        return self._row(field, level, "", "", min(rarest, limit))
