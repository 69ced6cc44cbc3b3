"""Companies of a block of people: who owns them, since when, and their rows in Empresas, Simples and Sócios.

Owners and partners are adults of the same block, so that a company's contacts are often a person's.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from loaders.synthetic.business import ENTREPRENEUR, NATURES, CompanyNames
from loaders.synthetic.chance import Bijection, Generator, Ints, Mask, some
from loaders.synthetic.documents import cnpj_check_digits, company_roots
from loaders.synthetic.lettering import Letters, dates, digits, fixed, joined, repeated, replaced
from loaders.synthetic.population import Block, World

_DAYS = 365.25
_LETTERS_SINCE = 20_665  # 2026-07-31
_SIMPLES_SINCE, _MEI_SINCE = 13_695, 14_426  # 2007-07-01, 2009-07-01
_SHARES = (0.69, 0.25, 0.02, 0.01, 0.01, 0.006, 0.004, 0.005, 0.005)  # of NATURES
_RESPONSIBLE = ("50", "49", "51", "49", "16", "59", "19", "49", "10")  # qualification, of NATURES
STATUSES = ("02", "08", "04", "03", "01")
_STATUS_SHARES = (0.43, 0.455, 0.105, 0.008, 0.002)
_CAPITALS = (0, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000)
_PLACEHOLDER_CAPITAL = 3e-5
_MEAN_AGE = 9.0  # years


class Companies(NamedTuple):
    """One block's companies, one a row; ``owner`` is a row of the block's families, ``nature`` one of NATURES."""

    root: Letters
    owner: Ints
    nature: Ints
    opened: Ints
    status: Ints


def draw_companies(rng: Generator, world: World, block: Block, numbers: Ints, roots: Bijection) -> Companies:
    """Companies with the given running numbers; nobody opens one before the age of eighteen."""
    count = len(numbers)
    adults = block.adults(world.today)
    owner = rng.choice(adults if len(adults) else block.people, count)
    opened = world.today - (rng.exponential(_MEAN_AGE, count) * _DAYS).astype(np.int64)
    opened = np.minimum(np.maximum(opened, block.families.birth[owner] + int(18.01 * _DAYS)), world.today)
    nature = rng.choice(len(NATURES), count, p=_SHARES)
    status = rng.choice(len(STATUSES), count, p=_STATUS_SHARES)
    return Companies(company_roots(numbers, roots, opened >= _LETTERS_SINCE), owner, nature, opened, status)


def company_columns(rng: Generator, block: Block, names: CompanyNames, companies: Companies) -> list[pa.StringArray]:
    """The seven columns of Empresas."""
    count, nature = len(companies.owner), companies.nature
    person = names.entrepreneurs(rng, block, companies.owner, (companies.root, companies.opened))
    firm = names.legal(rng, block, companies.owner, nature)
    capital = joined([pa.array(rng.choice(_CAPITALS, count)).cast(pa.string()), repeated("00", count)], ",")
    return [
        fixed(companies.root),
        replaced(nature == ENTREPRENEUR, person, firm),
        pa.array(NATURES).take(pa.array(nature)),
        pa.array(_RESPONSIBLE).take(pa.array(nature)),
        replaced(some(rng, count, _PLACEHOLDER_CAPITAL), "999999999999,00", capital),
        pa.array(["01", "03", "05"]).take(pa.array(rng.choice(3, count, p=(0.79, 0.03, 0.18)))),
        repeated("", count),
    ]


def simples_columns(rng: Generator, companies: Companies, today: int) -> list[pa.StringArray]:
    """The seven columns of Simples, for the companies that have or had a tax option; 00000000 is no date."""
    small = (companies.nature == ENTREPRENEUR) & (companies.opened >= _MEI_SINCE)
    listed = np.flatnonzero(small | some(rng, len(small), 0.5))
    mei = small[listed] & some(rng, len(listed), 0.85)
    began = np.maximum(companies.opened[listed], _SIMPLES_SINCE)
    ended = np.minimum(began + rng.integers(60, 2500, len(listed)), today)
    left = some(rng, len(listed), 0.35)
    option = pa.array(["S", "N"]).take(pa.array(left).cast(pa.int8()))
    none = repeated("00000000", len(listed))
    since, until = dates(began, "register"), replaced(~left, none, dates(ended, "register"))
    in_mei = [replaced(~mei, absent, column) for absent, column in (("N", option), (none, since), (none, until))]
    return [fixed(companies.root[listed]), option, since, until, *in_mei]


def partner_columns(
    rng: Generator, world: World, block: Block, companies: Companies, roots: Bijection
) -> list[pa.StringArray]:
    """The eleven columns of Sócios: one to three partners of each company that is not one person's.

    The first is the owner; the others are their kin (the next person of the block) or anybody. Two in a hundred are
    companies (some other one of the register), three in a thousand foreigners.
    """
    firms = np.flatnonzero(companies.nature != ENTREPRENEUR)
    row = np.repeat(firms, 1 + rng.choice(3, len(firms), p=(0.55, 0.35, 0.1)))
    count = len(row)
    leading = np.diff(row, prepend=-1) > 0
    person = _partners(rng, world, block, companies.owner[row], leading)
    entered = np.minimum(companies.opened[row] + np.where(leading, 0, rng.integers(0, 3000, count)), world.today)
    kind = rng.choice((1, 2, 3), count, p=(0.02, 0.977, 0.003))
    age = (world.today - block.families.birth[person]) / _DAYS
    band = np.where(kind == 2, np.digitize(age, (0, 13, 21, 31, 41, 51, 61, 71, 81)), 0)
    name = world.stock.written(block.families.names(person, entered))
    holding = joined(
        [world.stock.written(block.families.born_as[person, 3:]), repeated("PARTICIPACOES SA", count)], " "
    )
    masked = fixed(b"***", digits(block.tax_id[person] // 100 % 1_000_000, 6), b"**")
    return [
        fixed(companies.root[row]),
        pa.array(kind).cast(pa.string()),
        replaced(kind == 1, holding, name),
        replaced(kind == 1, _head_offices(rng, roots, count), replaced(kind == 3, "", masked)),
        replaced(leading, "49", repeated("22", count)),
        dates(entered, "register"),
        replaced(kind == 3, "249", repeated("", count)),
        repeated("***000000**", count),
        repeated("", count),
        repeated("00", count),
        pa.array(band).cast(pa.string()),
    ]


def _partners(rng: Generator, world: World, block: Block, owner: Ints, leading: Mask) -> Ints:
    adults = block.adults(world.today)
    adults = adults if len(adults) else block.people
    kin = adults[np.minimum(np.searchsorted(adults, owner, side="right"), len(adults) - 1)]
    other = np.where(some(rng, len(owner), 0.6), kin, rng.choice(adults, len(owner)))
    return np.where(leading, owner, other)


def _head_offices(rng: Generator, roots: Bijection, count: int) -> pa.StringArray:
    """Full CNPJs of some head offices."""
    base = np.hstack([digits(roots(rng.integers(0, 1000, count)), 8), digits(np.ones(count, dtype=np.int64), 4)])
    return fixed(base, cnpj_check_digits(base))
