import numpy as np
import pyarrow as pa
import pytest

from bureau.reference.places import area_codes
from loaders.synthetic import SyntheticOptions
from loaders.synthetic.business import CompanyNames
from loaders.synthetic.chance import Bijection
from loaders.synthetic.companies import draw_companies
from loaders.synthetic.establishments import EstablishmentWriter
from loaders.synthetic.population import Block, World

COUNT = 20_000


@pytest.fixture(scope="module")
def columns(block: Block) -> list[pa.StringArray]:
    """Rows of the block's companies as in a register of 300,000, where every large state has accountants."""
    world = World(SyntheticOptions(people=20_000, companies=300_000, seed=3))
    rng = np.random.default_rng(1)
    companies = draw_companies(rng, world, block, np.arange(COUNT), Bijection([1], 10_000, 10_000))
    return EstablishmentWriter(world, CompanyNames(world.stock, world.words)).columns(rng, block, companies)


def _share(column: pa.StringArray, pattern: str) -> float:
    return float(np.mean(pa.compute.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False)))


@pytest.mark.parametrize(
    ("column", "pattern", "share", "tolerance"),
    [
        (4, "^$", 0.64, 0.02),  # no trade name
        (5, "^02$", 0.43, 0.02),  # active
        (13, "^$", 0.012, 0.004),  # no street type
        (14, "^ |  ", 0.12, 0.03),  # loose blanks
        (14, "[À-Ú]", 0.005, 0.004),  # accents
        (15, "^(S/N|SN|S N|S/ NUM)$", 0.1, 0.01),
        (16, ";", 0.001, 0.001),
        (16, "\\x00", 0.0002, 0.00019),
        (18, "^[0-9]{1,7}$", 0.0015, 0.0014),  # CEP without its leading zero
        (24, "^[0-9]{8}$", 0.08, 0.05),  # a second phone
    ],
)
def test_the_registers_dirt_has_its_measured_rate(
    columns: list[pa.StringArray], column: int, pattern: str, share: float, tolerance: float
) -> None:
    assert abs(share - _share(columns[column], pattern)) <= tolerance


def test_one_e_mail_in_nine_is_an_accountants(columns: list[pa.StringArray]) -> None:
    office = _share(columns[27], "(?i)^(contab|contador|escritorio|fiscal|assessoria)")
    assert abs(0.112 - office) < 0.02


def test_accountants_work_in_their_state(columns: list[pa.StringArray]) -> None:
    rows = list(zip(*(columns[number].to_pylist() for number in (27, 21, 19)), strict=True))
    offices = [row for row in rows if row[0].lower().startswith("contab") and len(row[1]) == 2]
    areas: dict[str, set[str]] = {}
    for email, area, _ in offices:
        areas.setdefault(email.lower(), set()).add(area)
    assert all(1 == len(found) for found in areas.values()), "an office has one phone"
    near = [state in area_codes()[int(area)] for _, area, state in offices if area != "00"]
    assert sum(near) / len(near) > 0.9
