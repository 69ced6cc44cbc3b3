"""Where people live: municipalities weighted by population, streets with their CEPs, districts.

A street is a number inside its municipality; its name, CEP and district follow from a hash, so that any two people of
one street agree on them without a table of streets. Towns whose CEP range starts at -000 have one CEP for all.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference.places import municipalities, postal_code_ranges, states
from loaders.synthetic.chance import Generator, Ints, Weighted, hashed
from loaders.synthetic.lettering import lettering

# Residents in thousands, census of 2022 (IBGE).
_POPULATION = {
    "RO": 1581, "AC": 830, "AM": 3942, "RR": 637, "PA": 8120, "AP": 734, "TO": 1511, "MA": 6777, "PI": 3271,
    "CE": 8795, "RN": 3303, "PB": 3975, "PE": 9059, "AL": 3128, "SE": 2210, "BA": 14142, "MG": 20540, "ES": 3834,
    "RJ": 16055, "SP": 44411, "PR": 11445, "SC": 7610, "RS": 10883, "MS": 2758, "MT": 3659, "GO": 7056, "DF": 2817,
}  # fmt: skip
_PEOPLE_A_STREET = 150
_STREETS_A_DISTRICT = 40

_STREET_TYPES = ("RUA",) * 66 + ("AVENIDA",) * 18 + ("ESTRADA", "ESTRADA", "RODOVIA", "RODOVIA", "TRAVESSA", "TRAVESSA",
    "PRACA", "ALAMEDA", "QUADRA", "SITIO", "FAZENDA", "BECO", "SERVIDAO", "10A RUA", "2A TRAVESSA")  # fmt: skip
_STREETS = (
    "SETE DE SETEMBRO|QUINZE DE NOVEMBRO|TREZE DE MAIO|PRIMEIRO DE MAIO|VINTE E UM DE ABRIL|TIRADENTES|DUQUE DE CAXIAS|"
    "BRASIL|GETULIO VARGAS|RUI BARBOSA|SANTOS DUMONT|DOM PEDRO II|PRINCESA ISABEL|JOSE BONIFACIO|CASTRO ALVES|"
    "MACHADO DE ASSIS|BARAO DO RIO BRANCO|VISCONDE DE MAUA|JUSCELINO KUBITSCHEK|PRESIDENTE VARGAS|DAS FLORES|"
    "DAS PALMEIRAS|DOS IPES|DAS ACACIAS|DAS OLIVEIRAS|DA INDEPENDENCIA|DA REPUBLICA|DA PAZ|DO COMERCIO|BELA VISTA|"
    "BOA VISTA|PROJETADA|PRINCIPAL|DA ESTACAO|DA MATRIZ|AMAZONAS|BAHIA|CEARA|GOIAS|MARANHAO|MATO GROSSO|MINAS GERAIS|"
    "PARA|PARANA|PERNAMBUCO|PIAUI|RIO GRANDE DO SUL|SANTA CATARINA|SAO PAULO|SERGIPE"
)
_TITLES = ("", "DOUTOR", "PROFESSOR", "CORONEL", "CAPITAO", "PADRE", "VEREADOR", "PREFEITO", "MARECHAL", "SENADOR")
_STREET_GIVEN = [
    "JOSE",
    "JOAO",
    "ANTONIO",
    "MANOEL",
    "FRANCISCO",
    "PEDRO",
    "JOAQUIM",
    "BENEDITO",
    "ADOLFO",
    "EDUARDO",
    "HENRIQUE",
    "RAUL",
    "JULIO",
    "ARTUR",
    "CARLOS",
]
_STREET_FAMILY = [
    "PEREIRA",
    "DE MORAES",
    "DO PRADO",
    "GUIMARAES",
    "FONTES",
    "PACHECO",
    "TELES",
    "BORBA",
    "LOBATO",
    "MEIRELES",
    "BICUDO",
    "DE SALES",
]
_SAINTS = [
    "JOSE",
    "JOAO",
    "PEDRO",
    "PAULO",
    "FRANCISCO",
    "ANTONIO",
    "SEBASTIAO",
    "JORGE",
    "LUIZ",
    "BENEDITO",
    "MIGUEL",
    "VICENTE",
    "CRISTOVAO",
]
_DISTRICTS = (
    "CENTRO|CENTRO|CENTRO|CENTRO|ZONA RURAL|BELA VISTA|BOA VISTA|SANTO ANTONIO|SANTA MARIA|SANTA LUZIA|PLANALTO|"
    "INDUSTRIAL|PRIMAVERA|AEROPORTO|PROGRESSO|ALVORADA|COHAB|CIDADE NOVA|NOVA ESPERANCA|TANCREDO NEVES"
)
_DISTRICT_KINDS = ("JARDIM", "VILA", "PARQUE", "CONJUNTO HABITACIONAL", "RESIDENCIAL")
_DISTRICT_NAMES = "AMERICA|ESPERANCA|DAS FLORES|SAO PAULO|PAULISTA|IPIRANGA|MARIANA|DOS IPES|BRASIL|SAO FRANCISCO|TROPICAL|EUROPA|AURORA|UNIAO"

# complement texts of the register's sample; 0 is none
COMPLEMENTS = ("", "CASA", "CASA 2", "CASA B", "FUNDOS", "TERREO", "CONJ", "LOJA", "SALA 01", "ANDAR 1")
FLATS = 600
"""Complement codes above ``len(COMPLEMENTS)`` are flats: APT nnn, some with a block."""


class Address(NamedTuple):
    """One address a row; ``municipality`` is 0-based, ``number`` 0 means S/N."""

    municipality: Ints
    street: Ints
    number: Ints
    complement: Ints

    def take(self, rows: Ints) -> "Address":
        return Address(*(column[rows] for column in self))


class AddressTexts(NamedTuple):
    """An address as columns of text, null where absent; ``street`` without its type."""

    street_type: pa.StringArray
    street: pa.StringArray
    number: pa.StringArray
    complement: pa.StringArray
    district: pa.StringArray


class Places:
    """Draws of addresses and their texts."""

    def __init__(self) -> None:
        table = municipalities()
        codes = [state.abbreviation for state in states()]
        self.state = np.array([codes.index(m.state) for m in table])
        self.states = lettering(codes).plain
        self.area_code = np.array([m.area_code for m in table])
        self.siafi_code = np.array([m.siafi_code for m in table])
        self.cities = lettering([m.name for m in table])
        self._set_postal_codes(len(table))
        people = self._residents(np.array([m.capital for m in table]))
        self._streets_of = np.maximum(8, people // _PEOPLE_A_STREET)
        self._anywhere = Weighted(people)
        self._in_state = Weighted(np.where(self.state[None, :] == np.arange(len(codes))[:, None], people, 0.0))
        self._street_names = lettering(_street_names())
        self._types = lettering(_STREET_TYPES)
        self._districts = lettering(_district_names())
        self._complements = lettering([*COMPLEMENTS, *_flats()])

    def _set_postal_codes(self, count: int) -> None:
        self._first_code = np.zeros(count, dtype=np.int64)
        self._codes = np.ones(count, dtype=np.int64)
        for found in postal_code_ranges():
            row = found.municipality - 1
            if found.last - found.first < self._codes[row]:
                continue  # a municipality's smaller second range
            self._first_code[row] = found.first
            self._codes[row] = 1 if found.first % 1000 == 0 else found.last - found.first + 1
        self._first_code[self._first_code == 0] = 78_000_000  # Boa Esperança do Norte-MT has no range yet

    def _residents(self, capital: np.ndarray) -> Ints:
        """People in each municipality: the state's total over its towns by CEP range, capitals and many CEPs more."""
        spread = 0.5 + hashed(np.arange(len(capital))) % 1000 / 500
        weight = np.where(self._codes > 1, 6.0 * self._codes**0.5, 12.0) * spread * np.where(capital, 4.0, 1.0)
        weight = np.where((self._codes > 1), weight * 0.5, weight)
        totals = np.bincount(self.state, weight)
        thousands = np.array([_POPULATION[state.abbreviation] for state in states()])
        return (weight / totals[self.state] * thousands[self.state] * 1000).astype(np.int64)

    def towns(self, rng: Generator, count: int) -> Ints:
        """Municipalities drawn by population."""
        return self._anywhere.draw(rng, 0, count)

    def towns_near(self, rng: Generator, town: Ints) -> Ints:
        """Where somebody of ``town`` moves to: mostly there, else in the state, seldom anywhere."""
        chance = rng.random(len(town))
        state = self._in_state.draw(rng, self.state[town])
        moved = np.where(chance < 0.92, state, self.towns(rng, len(town)))
        return np.where(chance < 0.78, town, moved)

    def addresses(self, rng: Generator, town: Ints) -> Address:
        """A home in each town: 10 % without number, 41 % with a complement."""
        count = len(town)
        street = (rng.random(count) * self._streets_of[town]).astype(np.int64)
        number = np.where(rng.random(count) < 0.1, 0, 1 + (rng.exponential(600, count)).astype(np.int64))
        complement = rng.integers(1, len(COMPLEMENTS) + FLATS, count)
        plain = rng.integers(1, len(COMPLEMENTS), count)
        complement = np.where(rng.random(count) < 0.5, plain, complement)
        return Address(town, street, number, np.where(rng.random(count) < 0.59, 0, complement))

    def postal_codes(self, address: Address) -> Ints:
        town = address.municipality
        step = address.street * self._codes[town] // self._streets_of[town]
        result: Ints = self._first_code[town] + step
        return result

    def texts(self, address: Address, style: str) -> AddressTexts:
        town, street = address.municipality, address.street
        kind = hashed(town, street, np.full(len(town), 1)) % len(_STREET_TYPES)
        name = hashed(town, street) % len(self._street_names.plain)
        district = hashed(town, street // _STREETS_A_DISTRICT, np.full(len(town), 2)) % len(self._districts.plain)
        number = pa.array(address.number).cast(pa.string())
        number = pc.if_else(pa.array(address.number == 0), "S/N", number)
        return AddressTexts(
            getattr(self._types, style).take(pa.array(kind)),
            getattr(self._street_names, style).take(pa.array(name)),
            number,
            getattr(self._complements, style).take(pa.array(address.complement)),
            getattr(self._districts, style).take(pa.array(district)),
        )


def _street_names() -> list[str]:
    people = [" ".join(p).strip() for p in product(_TITLES, _STREET_GIVEN, _STREET_FAMILY)]
    saints = [f"SAO {saint}" if saint != "ANTONIO" else "SANTO ANTONIO" for saint in _SAINTS]
    plain = _STREETS.split("|")
    return plain * 20 + saints * 20 + people


def _district_names() -> list[str]:
    named = [" ".join(parts) for parts in product(_DISTRICT_KINDS, _DISTRICT_NAMES.split("|"))]
    return _DISTRICTS.split("|") * 3 + named


def _flats() -> list[str]:
    plain = [f"APT {floor}0{door}" for floor, door in product(range(1, 26), range(1, 9))]
    return (plain + [f"BL {block} {flat}" for block in "AB" for flat in plain])[:FLATS]
