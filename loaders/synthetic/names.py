"""The stock of name units: given names by sex and decade, surnames by state, particles, suffixes.

A *unit* is what one family or one choice puts into a name: JOSE, DE LOURDES, DA SILVA, FILHO. Names are rows of unit
numbers until they are written. Given names follow the census of 2010, surnames the sample of 51,371 people, tilted
by state towards what the census of 2022 reports (Santos 43 % of Sergipe, Silva 36 % of Alagoas).
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bureau.reference.names import DECADES, first_names_by_decade, first_names_by_sex, phonetic_groups, token_variants
from bureau.reference.names import surnames as sampled_surnames
from bureau.reference.places import states
from loaders.synthetic.chance import Generator, Ints, Weighted, hashed
from loaders.synthetic.lettering import Lettering, joined, lettering

MALE, FEMALE = 1, 2
SUFFIXES = ("JUNIOR", "FILHO", "NETO", "SOBRINHO")
PARTICLES = ("", "DA", "DE", "DO", "DAS", "DOS")
_INITIALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Second given names that make one with the first; the rest draw a second name from the census.
COMPOUNDS = {
    "MARIA": "JOSE|APARECIDA|DE LOURDES|DAS GRACAS|DO CARMO|DE FATIMA|HELENA|DA CONCEICAO|LUCIA|DO SOCORRO|EDUARDA|"
    "CLARA|LUIZA|FERNANDA|CRISTINA|TEREZA|DAS DORES|DA PENHA|INES|RITA|ANTONIA|ALICE|JULIA|VITORIA|CECILIA",
    "JOSE": "CARLOS|ANTONIO|ROBERTO|LUIZ|MARIA|FRANCISCO|PAULO|RIBAMAR|AUGUSTO|EDUARDO|HENRIQUE|NILTON|AIRTON|DE JESUS",
    "ANA": "PAULA|CAROLINA|CLARA|BEATRIZ|MARIA|LUIZA|CRISTINA|LUCIA|JULIA|LIVIA|CLAUDIA|KAROLINE|RITA|CECILIA",
    "JOAO": "PEDRO|BATISTA|CARLOS|PAULO|VITOR|LUCAS|GABRIEL|MIGUEL|LUIZ|GUILHERME|HENRIQUE|FRANCISCO|MARCOS",
    "LUIZ": "CARLOS|ANTONIO|FERNANDO|HENRIQUE|FELIPE|GUSTAVO|EDUARDO|OTAVIO|CLAUDIO",
    "FRANCISCO": "DAS CHAGAS|DE ASSIS|ANTONIO|JOSE|CARLOS|EDUARDO|WELLINGTON",
    "ANTONIO": "CARLOS|JOSE|MARCOS|FRANCISCO|LUIZ|JORGE",
    "PEDRO": "HENRIQUE|LUCAS|PAULO|AUGUSTO|MIGUEL|ANTONIO",
    "CARLOS": "ALBERTO|EDUARDO|HENRIQUE|ROBERTO|ANTONIO|AUGUSTO|CESAR",
    "PAULO": "CESAR|ROBERTO|HENRIQUE|SERGIO|VICTOR",
    "MARCO": "ANTONIO|AURELIO|TULIO",
    "RITA": "DE CASSIA|MARIA",
}
_COMPOUND_SHARE = {"MARIA": 0.78, "ANA": 0.68, "JOSE": 0.62, "JOAO": 0.6, "LUIZ": 0.6, "MARCO": 0.9, "RITA": 0.5}
_USUAL_COMPOUND_SHARE = 0.27

# Families that write a particle do so mostly with one; share of bearers who have it.
_PARTICLE_OF = {
    "SILVA": ("DA", 0.62), "SANTOS": ("DOS", 0.72), "COSTA": ("DA", 0.5), "NASCIMENTO": ("DO", 0.75),
    "JESUS": ("DE", 0.85), "OLIVEIRA": ("DE", 0.5), "SOUZA": ("DE", 0.5), "SOUSA": ("DE", 0.5), "LIMA": ("DE", 0.35),
    "ARAUJO": ("DE", 0.35), "ALMEIDA": ("DE", 0.4), "CARVALHO": ("DE", 0.35), "ROCHA": ("DA", 0.35),
    "CONCEICAO": ("DA", 0.8), "CRUZ": ("DA", 0.5), "CUNHA": ("DA", 0.4), "REIS": ("DOS", 0.45), "ANJOS": ("DOS", 0.9),
    "PAIXAO": ("DA", 0.5), "LUZ": ("DA", 0.6), "PAULA": ("DE", 0.6), "FREITAS": ("DE", 0.3), "MELO": ("DE", 0.3),
    "MORAES": ("DE", 0.3), "CASTRO": ("DE", 0.3), "ANDRADE": ("DE", 0.3), "CHAGAS": ("DAS", 0.5), "NEVES": ("DAS", 0.5),
    "ROSA": ("DA", 0.3), "MOTA": ("DA", 0.3), "MATA": ("DA", 0.5), "CARMO": ("DO", 0.8), "AMARAL": ("DO", 0.25),
    "SOCORRO": ("DO", 0.8), "ROSARIO": ("DO", 0.7), "GRACAS": ("DAS", 0.9), "ABREU": ("DE", 0.3), "ASSIS": ("DE", 0.5),
    "FARIAS": ("DE", 0.2), "MOURA": ("DE", 0.3), "BARROS": ("DE", 0.3), "QUEIROZ": ("DE", 0.3), "MACEDO": ("DE", 0.3),
}  # fmt: skip
_USUAL_PARTICLE = ("DE", 0.06)

# How much commoner a surname is in a state than in the country.
_TILT = {
    "SE": {"SANTOS": 4.6, "JESUS": 2.5, "SILVA": 0.9}, "AL": {"SILVA": 2.7, "SANTOS": 2.2},
    "BA": {"SANTOS": 2.2, "JESUS": 4.0, "SOUZA": 1.3, "CONCEICAO": 3.0}, "PE": {"SILVA": 2.1, "LIMA": 1.3},
    "PB": {"SILVA": 1.9}, "RN": {"SILVA": 1.5, "SOUZA": 1.1}, "CE": {"SOUSA": 3.5, "LIMA": 1.8, "SOUZA": 0.4},
    "MA": {"SOUSA": 3.0, "SILVA": 1.3, "COSTA": 1.4, "SOUZA": 0.4}, "PI": {"SOUSA": 3.5, "SILVA": 1.5},
    "AM": {"SOUZA": 1.4, "COSTA": 1.4}, "PA": {"COSTA": 1.3, "SANTOS": 1.2, "SILVA": 1.3}, "MG": {"OLIVEIRA": 1.3},
    "RS": {"SILVA": 0.7, "SANTOS": 0.6}, "SC": {"SILVA": 0.6, "SANTOS": 0.7}, "PR": {"SANTOS": 1.0, "SILVA": 0.8},
}  # fmt: skip
_NATIONAL_TILT = {"SILVA": 1.0, "SANTOS": 1.05}
_RARE_SHARE = {"RS": 0.3, "SC": 0.3, "PR": 0.2, "ES": 0.16, "SP": 0.14}
_USUAL_RARE_SHARE = 0.05

# The census counts more than 200,000 surnames, the sample has 2,303. Its long tail is built from syllables in the
# manner of Italian, German, Slavic and Portuguese names.
_HEADS = [
    "BAR",
    "BER",
    "BOR",
    "BRU",
    "CAM",
    "CAR",
    "COR",
    "DAL",
    "DEL",
    "FAC",
    "FER",
    "FRA",
    "GAL",
    "GRA",
    "GUE",
    "KAM",
    "KLE",
    "KOW",
    "LAN",
    "LOR",
    "MAN",
    "MAR",
    "MER",
    "NOV",
    "PAL",
    "PER",
    "PIO",
    "RIG",
    "ROS",
    "SAN",
    "SCH",
    "STE",
    "TOM",
    "VAL",
    "VEN",
    "WEI",
    "ZAN",
    "ZUC",
]
_MIDDLES = ["A", "AN", "AR", "ATT", "E", "EN", "ER", "ETT", "I", "IN", "IT", "O", "ON", "OR", "OTT", "U", "UL"]
_TAILS = [
    "ARI",
    "ATO",
    "BERG",
    "CHI",
    "CHINI",
    "DORF",
    "ELLI",
    "ER",
    "ETTI",
    "INI",
    "LER",
    "MANN",
    "NER",
    "NI",
    "OLI",
    "ONI",
    "OSKI",
    "SKI",
    "TI",
    "TO",
    "WICZ",
    "ZZI",
    "ALHO",
    "EIRO",
    "EDO",
    "OSA",
]


class Founders(NamedTuple):
    """Name units of people whose parents are outside the population: given (n, 2), surnames (n, 4), 0 is absent."""

    given: Ints
    surnames: Ints


class NameStock:
    """Every name unit with its spelling, and the draws that choose among them."""

    def __init__(self) -> None:
        names = first_names_by_decade()
        self._first_names = [name.name for name in names]
        self._number = {name: number for number, name in enumerate(self._first_names, start=1)}
        self._given = Weighted(_given_weights(names))
        extra = sorted({s for c in COMPOUNDS.values() for s in c.split("|") if s not in self._number})
        for text in extra:
            self._number[text] = len(self._number) + 1
        tokens, weights = _surname_tokens()
        texts = ["", *self._first_names, *extra]
        self.first_surname = len(texts)
        texts += [f"{particle} {token}".strip() for token, particle in product(tokens, PARTICLES)]
        self.first_suffix = len(texts)
        texts += SUFFIXES
        self.first_initial = len(texts)
        texts += _INITIALS
        self.units: Lettering = lettering(texts)
        self._surname = Weighted(weights)
        self._usual_particle = np.array([PARTICLES.index(_particle(token)[0]) for token in tokens])
        self._particle_share = np.array([_particle(token)[1] for token in tokens])
        self._prepare_compounds()
        self.initial_of = self._initials(texts)
        self.respelt = self._respellings(tokens)

    def _prepare_compounds(self) -> None:
        heads = len(self._first_names) + 1
        self._share = np.full(heads, _USUAL_COMPOUND_SHARE)
        self._compound_row = np.zeros(heads, dtype=np.int64)
        table = np.zeros((len(COMPOUNDS) + 1, 32), dtype=np.int64)
        for row, (head, seconds) in enumerate(COMPOUNDS.items(), start=1):
            units = [self._number[second] for second in seconds.split("|")]
            # earlier ones are commoner: the list is walked with probability falling as 1 / rank
            ranks = np.repeat(units, np.maximum(1, (32 / (2.5 * np.arange(1, len(units) + 1))).astype(int)))
            table[row] = np.resize(ranks, 32) if len(ranks) < 32 else ranks[:32]
            self._compound_row[self._number[head]] = row
            self._share[self._number[head]] = _COMPOUND_SHARE.get(head, 0.45)
        self._compounds = table

    def _initials(self, texts: list[str]) -> Ints:
        letters = [text.rpartition(" ")[2][:1] or "A" for text in texts]
        return np.array([self.first_initial + _INITIALS.find(letter) for letter in letters])

    def _respellings(self, tokens: list[str]) -> Ints:
        """Unit → the unit of another spelling of the same name, itself where there is none."""
        other = np.arange(len(self.units.plain))
        groups: dict[str, str] = {}
        for entry in phonetic_groups():
            head = groups.setdefault(entry.key, entry.name)
            if head != entry.name and entry.name in self._number and head in self._number:
                other[self._number[entry.name]] = self._number[head]
                if other[self._number[head]] == self._number[head]:
                    other[self._number[head]] = self._number[entry.name]
        position = {token: number for number, token in enumerate(tokens)}
        for variant in token_variants():
            a, b = position.get(variant.token), position.get(variant.other)
            if a is not None and b is not None:
                for particle in range(len(PARTICLES)):
                    there, back = self._surname_unit(a, particle), self._surname_unit(b, particle)
                    other[there], other[back] = back, there
        return other

    def _surname_unit(self, token: int, particle: int) -> int:
        return self.first_surname + token * len(PARTICLES) + particle

    def given(self, rng: Generator, sex: Ints, birth_year: Ints) -> Ints:
        """First and second given name, (n, 2); the second is 0 for most people."""
        decade = np.clip((birth_year - 1921) // 10, 0, len(DECADES) - 1)
        group = (sex - 1) * len(DECADES) + decade
        first = self._given.draw(rng, group) + 1
        second = self._given.draw(rng, group) + 1
        row = self._compound_row[first]
        usual = self._compounds[row, rng.integers(0, 32, len(first))]
        second = np.where((row > 0) & (rng.random(len(first)) < 0.85), usual, second)
        second[(rng.random(len(first)) >= self._share[first]) | (second == first)] = 0
        return np.column_stack([first, second])

    def surname_units(self, rng: Generator, state: Ints) -> Ints:
        """One surname with its particle for each state (row of ``states()``)."""
        token = self._surname.draw(rng, state)
        with_particle = rng.random(len(token)) < self._particle_share[token]
        units: Ints = self.first_surname + token * len(PARTICLES)
        return units + np.where(with_particle, self._usual_particle[token], 0)

    def token_of(self, unit: Ints) -> Ints:
        """The surname without its particle, as a number to compare."""
        result: Ints = (unit - self.first_surname) // len(PARTICLES)
        return result

    def bare(self, unit: Ints) -> Ints:
        """The same surname without its particle; other units unchanged."""
        surname = (unit >= self.first_surname) & (unit < self.first_suffix)
        return np.where(surname, unit - (unit - self.first_surname) % len(PARTICLES), unit)

    def written(self, units: Ints, style: str = "plain") -> pa.StringArray:
        """Names of rows of units, absent ones skipped."""
        texts = getattr(self.units, style)
        return joined([texts.take(pa.array(column)) for column in units.T], " ")


def _given_weights(names: tuple[object, ...]) -> Ints:
    """Weights (2 sexes times decades, names): the decade's bearers split by the share of each sex."""
    share = {name.name: (name.male + 0.5) / (name.male + name.female + 1.0) for name in first_names_by_sex()}
    table = first_names_by_decade()
    bearers = np.array([name.bearers for name in table], dtype=np.float64)
    # a name outside both lists of 10,000 is a woman's if it ends in A, as nine in ten of the listed ones are
    male = np.array([share.get(name.name, 0.08 if name.name.endswith("A") else 0.85) for name in table])
    male = np.where((male < 0.02) | (male > 0.98), np.round(male), male)  # clerical noise of the census
    assert len(names) == len(table)  # noqa: S101
    weights: Ints = np.vstack([(bearers * male[:, None]).T, (bearers * (1 - male)[:, None]).T])
    return weights


def _particle(token: str) -> tuple[str, float]:
    return _PARTICLE_OF.get(token, _USUAL_PARTICLE)


def _surname_tokens() -> tuple[list[str], Ints]:
    """Surname tokens and their weight in each state."""
    sampled = [s for s in sampled_surnames() if s.as_last_token >= 0.2 * s.as_later_token and s.token not in SUFFIXES]
    sampled = [s for s in sampled if len(s.token) > 2 and s.token not in ("FILHA", "NETA", "SEGUNDO", "TERCEIRO")]
    known = {s.token for s in sampled}
    rare = sorted({"".join(parts) for parts in product(_HEADS, _MIDDLES, _TAILS)} - known)
    tokens = [s.token for s in sampled] + rare
    common = np.array([s.as_later_token * _NATIONAL_TILT.get(s.token, 1.0) for s in sampled])
    common /= common.sum()
    tail = 1.0 / (20 + hashed(np.arange(len(rare))) % len(rare))
    tail /= tail.sum()
    rows = []
    for state in states():
        share = _RARE_SHARE.get(state.abbreviation, _USUAL_RARE_SHARE)
        tilt = _TILT.get(state.abbreviation, {})
        tilted = common * np.array([tilt.get(s.token, 1.0) for s in sampled])
        rows.append(np.concatenate([tilted / tilted.sum() * (1 - share), tail * share]))
    return tokens, np.array(rows)
