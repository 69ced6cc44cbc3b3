"""Where people live: municipalities weighted by population, streets with their CEPs, districts.

A street is a number inside its municipality; its name, CEP and district follow from a hash, so that any two people of
one street agree on them without a table of streets. Towns whose CEP range starts at -000 have one CEP for all.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from bureau.reference.places import municipalities, postal_code_ranges, states
from loaders.synthetic.chance import Floats, Generator, Ints, Mask, Weighted, hashed, some
from loaders.synthetic.lettering import Spelling, Style, replaced
from loaders.synthetic.words import Words

# Residents in thousands, census of 2022 (IBGE).
_POPULATION = {
    "RO": 1581, "AC": 830, "AM": 3942, "RR": 637, "PA": 8120, "AP": 734, "TO": 1511, "MA": 6777, "PI": 3271,
    "CE": 8795, "RN": 3303, "PB": 3975, "PE": 9059, "AL": 3128, "SE": 2210, "BA": 14142, "MG": 20540, "ES": 3834,
    "RJ": 16055, "SP": 44411, "PR": 11445, "SC": 7610, "RS": 10883, "MS": 2758, "MT": 3659, "GO": 7056, "DF": 2817,
}  # fmt: skip
_PEOPLE_A_STREET = 150
_STREETS_A_DISTRICT = 40
_STAY, _STAY_IN_STATE = 0.78, 0.92  # of those who move; cumulative

# Shares of the register's sample, in hundredths.
_STREET_TYPES = (
    ["RUA"] * 66 + ["AVENIDA"] * 18 + ["ESTRADA", "RODOVIA", "TRAVESSA"] * 2
    + ["PRACA", "ALAMEDA", "QUADRA", "SITIO", "FAZENDA", "BECO", "SERVIDAO", "10A RUA", "2A TRAVESSA"]
)  # fmt: skip
COMPLEMENTS = ("", "CASA", "CASA 2", "CASA B", "FUNDOS", "TERREO", "CONJ", "LOJA", "SALA 01", "ANDAR 1")
_FLATS = [f"APT {floor}0{door}" for floor, door in product(range(1, 26), range(1, 9))]
_FLATS += [f"BL {block} {flat}" for block in ("A", "B") for flat in _FLATS]
_WITH_COMPLEMENT = 0.41
_WITHOUT_NUMBER = 0.1


class Address(NamedTuple):
    """One address a row: a 0-based municipality, a street of it, a number (0: S/N), a row of the complements."""

    municipality: Ints
    street: Ints
    number: Ints
    complement: Ints

    def take(self, rows: Ints) -> "Address":
        return Address(*(column[rows] for column in self))

    def replaced(self, mask: Mask, by: "Address") -> "Address":
        return Address(*(np.where(mask, new, old) for new, old in zip(by, self, strict=True)))


class AddressTexts(NamedTuple):
    """An address as columns of text, null where absent; ``street`` without its type."""

    street_type: pa.StringArray
    street: pa.StringArray
    number: pa.StringArray
    complement: pa.StringArray
    district: pa.StringArray


class Places:
    """Draws of addresses and their texts. Columns by municipality: ``state`` (row of ``states()``), codes, names."""

    def __init__(self, words: Words, spelling: Spelling) -> None:
        table = municipalities()
        codes = [state.abbreviation for state in states()]
        self.state = np.array([codes.index(m.state) for m in table])
        self.state_codes = pa.array(codes)
        self.area_code = np.array([m.area_code for m in table])
        self.siafi_code = np.array([m.siafi_code for m in table])
        self.cities = spelling.lettering([m.name for m in table])
        self._first_code, self._code_count = _postal_codes(len(table))
        residents = self._residents(np.array([m.capital for m in table]))
        self._streets_of = np.maximum(8, residents // _PEOPLE_A_STREET).astype(np.int64)
        self._anywhere = Weighted(residents)
        self._in_state = Weighted(np.where(self.state == np.arange(len(codes))[:, None], residents, 0.0))
        self._types = spelling.lettering(_STREET_TYPES)
        self._streets = spelling.lettering(_street_names(words))
        self._districts = spelling.lettering(_district_names(words))
        self._complements = spelling.lettering([*COMPLEMENTS, *_FLATS])

    def _residents(self, capital: Mask) -> Floats:
        """People by municipality: there is no such column, so the state's total is spread by how many CEPs each has."""
        spread = 0.5 + hashed(np.arange(len(capital))) % 1000 / 500
        weight = np.where(self._code_count > 1, 3.0 * np.sqrt(self._code_count), 33.0)
        weight = weight * spread * np.where(capital, 4.0, 1.0)
        total = np.bincount(self.state, weight)
        thousands = np.array([_POPULATION[state.abbreviation] for state in states()])
        result: Floats = weight / total[self.state] * thousands[self.state] * 1000
        return result

    def towns(self, rng: Generator, count: int) -> Ints:
        """Municipalities drawn by population."""
        return self._anywhere.sample(rng, count)

    def towns_near(self, rng: Generator, town: Ints) -> Ints:
        """Where somebody of ``town`` moves to: mostly there, else in the state, seldom anywhere."""
        chance = rng.random(len(town))
        result = town.copy()
        leaves = np.flatnonzero(chance >= _STAY)
        result[leaves] = self._in_state.draw(rng, self.state[town[leaves]])
        far = np.flatnonzero(chance >= _STAY_IN_STATE)
        result[far] = self.towns(rng, len(far))
        return result

    def addresses(self, rng: Generator, town: Ints) -> Address:
        """A home in each town."""
        count = len(town)
        street = (rng.random(count) * self._streets_of[town]).astype(np.int64)
        number = np.where(some(rng, count, _WITHOUT_NUMBER), 0, 1 + rng.exponential(600, count).astype(np.int64))
        flat = rng.integers(len(COMPLEMENTS), len(COMPLEMENTS) + len(_FLATS), count)
        complement = np.where(some(rng, count, 0.5), rng.integers(1, len(COMPLEMENTS), count), flat)
        return Address(town, street, number, np.where(some(rng, count, _WITH_COMPLEMENT), complement, 0))

    def postal_codes(self, address: Address) -> Ints:
        """CEPs: the town's only one, or the street's part of the town's range."""
        town = address.municipality
        result: Ints = self._first_code[town] + address.street * self._code_count[town] // self._streets_of[town]
        return result

    def texts(self, address: Address, style: Style) -> AddressTexts:
        town, street = address.municipality, address.street
        key = hashed(town, street)
        district = hashed(town, street // _STREETS_A_DISTRICT) % len(self._districts.plain)
        return AddressTexts(
            self._types.written(style, (key >> 20) % len(_STREET_TYPES)),
            self._streets.written(style, key % len(self._streets.plain)),
            replaced(address.number == 0, "S/N", pa.array(address.number).cast(pa.string())),
            self._complements.written(style, address.complement),
            self._districts.written(style, district),
        )


def _postal_codes(count: int) -> tuple[Ints, Ints]:
    """First CEP of each municipality and how many it has; of several ranges the largest."""
    first = np.full(count, 78_000_000)  # Boa Esperança do Norte-MT has no range yet: the state's first
    size = np.zeros(count, dtype=np.int64)
    for found in postal_code_ranges():
        row, width = found.municipality - 1, found.last - found.first + 1
        if width > size[row]:
            first[row], size[row] = found.first, width
    return first, np.where(first % 1000 == 0, 1, np.maximum(size, 1))


def _street_names(words: Words) -> list[str]:
    people = [
        " ".join(parts).strip() for parts in product(words.street_titles, words.street_given, words.street_family)
    ]
    saints = [f"SANTO {saint}" if saint == "ANTONIO" else f"SAO {saint}" for saint in words.saints]
    return (words.street_names + saints) * 20 + people


def _district_names(words: Words) -> list[str]:
    named = [" ".join(parts) for parts in product(words.district_kinds, words.district_names)]
    return ["CENTRO"] * 12 + words.districts * 3 + named
