"""The stock of name units: given names by sex and decade, surnames by state, particles, suffixes.

A *unit* is what one family or one choice puts into a name: JOSE, DE LOURDES, DA SILVA, FILHO. Names are rows of unit
numbers until they are written. Given names follow the census of 2010, surnames the sample of 51,371 people, tilted
by state towards what the census of 2022 reports (Santos 43 % of Sergipe, Silva 36 % of Alagoas).
"""

from itertools import product

import numpy as np
import pyarrow as pa

from bureau.reference.names import DECADES, first_names_by_decade, first_names_by_sex, phonetic_groups, token_variants
from bureau.reference.names import surnames as sampled_surnames
from bureau.reference.places import states
from loaders.synthetic.chance import Floats, Generator, Ints, Weighted, hashed
from loaders.synthetic.lettering import Lettering, Spelling, Style, joined
from loaders.synthetic.words import Words

MALE, FEMALE = 1, 2
SUFFIXES = ("JUNIOR", "FILHO", "NETO", "SOBRINHO")
_PARTICLES = ("", "DA", "DE", "DO", "DAS", "DOS")
_USUAL_PARTICLE = ("DE", 0.12)
_INITIALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_USUAL_COMPOUND_SHARE = 0.25
_FROM_COMPOUNDS = 0.85  # of those with a usual second name, who have one of them
_SECONDS = 32  # draws of a second name from its list are one of so many, the first ones repeated
_USUAL_RARE_SHARE = 0.05


class NameStock:
    """Every name unit with its spelling, and the draws that choose among them; unit 0 is the absent one."""

    def __init__(self, words: Words, spelling: Spelling) -> None:
        first_names = [name.name for name in first_names_by_decade()]
        seconds = {second for compound in words.compounds.values() for second in compound.seconds.split("|")}
        given = ["", *first_names, *sorted(seconds - set(first_names))]
        self._given_unit = {name: unit for unit, name in enumerate(given)}
        self._tokens, surname_weights = _surname_tokens(words)
        self.first_surname = len(given)
        family = [f"{particle} {token}".strip() for token, particle in product(self._tokens, _PARTICLES)]
        self.first_suffix = self.first_surname + len(family)
        self._first_initial = self.first_suffix + len(SUFFIXES)
        texts = [*given, *family, *SUFFIXES, *_INITIALS]
        self.units: Lettering = spelling.lettering(texts)
        self._given = Weighted(_given_weights())
        self._surname = Weighted(surname_weights)
        particles = [words.particles.get(token, _USUAL_PARTICLE) for token in self._tokens]
        self._particle = np.array([_PARTICLES.index(particle) for particle, _ in particles])
        self._particle_share = np.array([share for _, share in particles])
        self._prepare_compounds(words, len(first_names) + 1)
        letters = [text.rpartition(" ")[2][:1] or "A" for text in texts]
        self.initial_of = np.array([self._first_initial + _INITIALS.find(letter) for letter in letters])
        self.respelt = self._respellings(len(texts))
        self._text_code = self.units.plain.dictionary_encode().indices.fill_null(-1).to_numpy() + 1

    def _prepare_compounds(self, words: Words, heads: int) -> None:
        self._share = np.full(heads, _USUAL_COMPOUND_SHARE)
        self._compound_row = np.zeros(heads, dtype=np.int64)
        self._compounds = np.zeros((len(words.compounds) + 1, _SECONDS), dtype=np.int64)
        for row, (head, compound) in enumerate(words.compounds.items(), start=1):
            units = [self._given_unit[second] for second in compound.seconds.split("|")]
            often = np.maximum(1, _SECONDS // (3 * np.arange(1, len(units) + 1)))  # falls as 1 / rank
            self._compounds[row] = np.resize(np.repeat(units, often), _SECONDS)
            self._compound_row[self._given_unit[head]] = row
            self._share[self._given_unit[head]] = compound.share

    def _respellings(self, count: int) -> Ints:
        """Unit → the unit of another spelling of the same name, itself where there is none."""
        other = np.arange(count)
        heads: dict[str, str] = {}
        for entry in phonetic_groups():
            head = self._given_unit.get(heads.setdefault(entry.key, entry.name), 0)
            unit = self._given_unit.get(entry.name, 0)
            if head and unit and head != unit:
                other[unit] = head
                other[head] = unit if other[head] == head else other[head]  # the commonest of the others
        position = {token: number for number, token in enumerate(self._tokens)}
        for variant in token_variants():
            if variant.token in position and variant.other in position:
                one, two = (
                    self.first_surname + position[token] * len(_PARTICLES) + np.arange(len(_PARTICLES))
                    for token in (variant.token, variant.other)
                )
                other[one], other[two] = two, one
        return other

    def given(self, rng: Generator, sex: Ints, birth_year: Ints) -> Ints:
        """First and second given name, (n, 2); the second is 0 for most people."""
        decade = np.clip((birth_year - 1921) // 10, 0, len(DECADES) - 1)
        group = (sex - MALE) * len(DECADES) + decade
        first = self._given.draw(rng, group) + 1
        second = np.zeros_like(first)
        two = np.flatnonzero(rng.random(len(first)) < self._share[first])
        row = self._compound_row[first[two]]
        usual = (row > 0) & (rng.random(len(two)) < _FROM_COMPOUNDS)
        second[two] = self._compounds[row, rng.integers(0, _SECONDS, len(two))]
        other = two[~usual]
        second[other] = self._given.draw(rng, group[other]) + 1
        second[second == first] = 0
        return np.column_stack([first, second])

    def surnames(self, rng: Generator, state: Ints) -> Ints:
        """One surname unit, with the particle its family writes, for each state (row of ``states()``)."""
        token = self._surname.draw(rng, state)
        particle = np.where(rng.random(len(token)) < self._particle_share[token], self._particle[token], 0)
        result: Ints = self.first_surname + token * len(_PARTICLES) + particle
        return result

    def token_of(self, surname: Ints) -> Ints:
        """The surname without its particle, as a number to compare; negative for the absent unit."""
        result: Ints = (surname - self.first_surname) // len(_PARTICLES)
        return result

    def bare(self, units: Ints) -> Ints:
        """The same surnames without particles; other units unchanged."""
        surname = (units >= self.first_surname) & (units < self.first_suffix)
        return np.where(surname, units - (units - self.first_surname) % len(_PARTICLES), units)

    def keys(self, units: Ints) -> Ints:
        """A number for each row of units, equal where they are written equally: of homonyms.

        Absent units are moved to the end, and DE JESUS, given name or surname, is one text.
        """
        order = np.argsort(units == 0, axis=1, kind="stable")
        return hashed(*self._text_code[np.take_along_axis(units, order, axis=1)].astype(np.int64).T)

    def written(self, units: Ints, style: Style = "plain") -> pa.StringArray:
        """Names of rows of units, absent ones skipped."""
        return joined([self.units.written(style, column) for column in units.T], " ")


def _given_weights() -> Floats:
    """Weights (2 sexes times decades, names): the decade's bearers split by the share of each sex."""
    table = first_names_by_decade()
    share = {name.name: (name.male + 0.5) / (name.male + name.female + 1.0) for name in first_names_by_sex()}
    # a name outside both lists of 10,000 is taken for a woman's if it ends in A, as most of the listed ones are
    male = np.array([share.get(name.name, 0.0 if name.name.endswith("A") else 0.8) for name in table])
    male = np.where((male < 0.02) | (male > 0.98), np.round(male), male)  # clerical noise of the census
    bearers = np.array([name.bearers for name in table], dtype=np.float64).T
    return np.vstack([bearers * male, bearers * (1 - male)])


def _surname_tokens(words: Words) -> tuple[list[str], Floats]:
    """Surname tokens and their weight in each state.

    Tokens that seldom end a name are given names (MARIA, CARLOS) and stay out. The census counts more than 200,000
    surnames and the sample 2,303: the long tail is built from syllables, Italian, German, Slavic, Portuguese.
    """
    sampled = [s for s in sampled_surnames() if s.as_last_token >= 0.2 * s.as_later_token and len(s.token) > 2]
    sampled = [s for s in sampled if s.token not in {*SUFFIXES, "FILHA", "NETA", "SEGUNDO", "TERCEIRO"}]
    parts = product(words.rare_heads, words.rare_middles, words.rare_tails)
    rare = sorted({"".join(syllables) for syllables in parts} - {s.token for s in sampled})
    common = np.array([s.as_later_token for s in sampled], dtype=np.float64)
    tail = 1.0 / (20 + hashed(np.arange(len(rare))) % len(rare))
    rows = []
    for state in states():
        tilt = words.surname_tilt.get(state.abbreviation, {})
        tilted = common * np.array([tilt.get(s.token, 1.0) for s in sampled])
        share = words.rare_share.get(state.abbreviation, _USUAL_RARE_SHARE)
        rows.append(np.concatenate([tilted / tilted.sum() * (1 - share), tail / tail.sum() * share]))
    return [s.token for s in sampled] + rare, np.array(rows)
