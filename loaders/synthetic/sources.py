"""The people files: what each source knows of whom, when it saw them, and how it writes them down."""

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.synthetic import noise
from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.lettering import blank_where, dates, digits, fixed, joined
from loaders.synthetic.names import FEMALE
from loaders.synthetic.places import Address
from loaders.synthetic.population import Block, World

FIELDS = (
    "source", "tax_id", "name", "birth_date", "sex", "mother_name", "street", "number", "complement", "district",
    "city", "state", "postal_code", "phones", "emails", "seen_at",
)  # fmt: skip
PORTUGUESE = (
    "fonte", "cpf", "nome", "data_nascimento", "sexo", "nome_mae", "logradouro", "numero", "complemento", "bairro",
    "cidade", "uf", "cep", "telefones", "emails", "data_cadastro",
)  # fmt: skip


class SourcePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One source. ``coverage`` is the share of the eligible people it holds, seen in ``years`` (first and last).

    ``worn`` are the rates of :func:`noise.worn_names`; ``missing`` the share of blanks by field.
    """

    name: str
    coverage: float
    years: tuple[int, int]
    style: str = "plain"
    portuguese: bool = False
    phone_form: str = "digits"
    typos: float = 0.01
    worn: tuple[float, float, float, float] = (0.008, 0.01, 0.015, 0.02)
    wrong_birth: float = 0.015
    missing: dict[str, float] = {}


PLANS = (
    SourcePlan(
        name="synthetic_utility", coverage=0.70, years=(2009, 2019), style="accented", portuguese=True,
        phone_form="old", wrong_birth=0.02,
        missing={"tax_id": 0.08, "birth_date": 0.06, "mother_name": 0.35, "emails": 0.3, "complement": 0.1},
    ),
    SourcePlan(
        name="synthetic_retail", coverage=0.55, years=(2021, 2026), style="titled", phone_form="pretty",
        missing={"tax_id": 0.02, "birth_date": 0.1, "mother_name": 0.7, "district": 0.05, "postal_code": 0.03},
    ),
    SourcePlan(
        name="synthetic_telecom", coverage=0.45, years=(2015, 2024), style="plain",
        missing={"tax_id": 1.0, "birth_date": 0.03, "mother_name": 0.15, "sex": 0.5, "emails": 0.2},
    ),
    SourcePlan(
        name="synthetic_insurance", coverage=0.20, years=(2012, 2022), style="accented",
        missing={"tax_id": 0.01, "mother_name": 0.5},
    ),
    SourcePlan(
        name="synthetic_health", coverage=0.35, years=(2018, 2026), style="plain", typos=0.02,
        missing={"tax_id": 0.4, "emails": 0.8},
    ),
)  # fmt: skip


def memberships(rng: Generator, block: Block, plans: tuple[SourcePlan, ...]) -> Mask:
    """(people, sources): who is in which. Nobody is in none; nobody in one whose years end before the birth."""
    birth = block.families.birth[block.people]
    last = np.array([_first_day(plan.years[1] + 1) for plan in plans])
    eligible = birth[:, None] < last[None, :] - 90
    member = eligible & (rng.random(eligible.shape) < np.array([plan.coverage for plan in plans]))
    left = np.flatnonzero(~member.any(axis=1))
    pick = rng.integers(0, len(plans), len(left))
    pick = np.where(eligible[left, pick], pick, np.argmax(last))
    member[left, pick] = True
    return member


def render(rng: Generator, world: World, block: Block, rows: Ints, plan: SourcePlan) -> dict[str, pa.Array]:
    """The plan's rows for people (rows of the block's families): a column of text for each of :data:`FIELDS`."""
    families, today = block.families, world.today
    first, last = _first_day(plan.years[0]), min(_first_day(plan.years[1] + 1), today)
    seen = rng.integers(first, max(last, first + 1), len(rows))
    born = families.birth[rows]
    seen = np.clip(np.where(seen < born + 60, born + 60, seen), None, today)
    units = noise.worn_names(rng, world.stock, families.names(rows, seen), plan.worn)
    mothers = noise.worn_names(rng, world.stock, families.mother_names(rows, born), plan.worn)
    pattern = "brazilian" if plan.portuguese else "iso"
    columns = {
        "source": pa.repeat(pa.scalar(plan.name), len(rows)),
        "tax_id": _tax_ids(block.tax_id[rows], plan.style),
        "name": noise.with_typos(rng, world.stock.written(units, plan.style), plan.typos),
        "birth_date": dates(noise.wrong_births(rng, born, plan.wrong_birth), pattern),
        "sex": pa.array(["M", "F"]).take(pa.array((families.sex[rows] == FEMALE).astype(np.int8))),
        "mother_name": noise.with_typos(rng, world.stock.written(mothers, plan.style), plan.typos),
        **_address(rng, world, block, (rows, seen), plan),
        **_contacts(rng, block, rows, seen, plan),
        "seen_at": dates(seen, pattern),
    }
    for field, share in plan.missing.items():
        columns[field] = blank_where(columns[field], noise.some(rng, len(rows), share))
    return columns


def _first_day(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


def _tax_ids(numbers: Ints, style: str) -> pa.StringArray:
    letters = digits(numbers, 11)
    if style == "plain":
        return fixed(letters)
    return fixed(letters[:, :3], b".", letters[:, 3:6], b".", letters[:, 6:9], b"-", letters[:, 9:])


def _address(
    rng: Generator, world: World, block: Block, whom: tuple[Ints, Ints], plan: SourcePlan
) -> dict[str, pa.Array]:
    rows, seen = whom
    families = block.families
    moved = seen >= families.moved_on[rows]
    stale = rng.random(len(rows)) < 0.04
    home = np.where(moved & ~stale, families.home[rows], families.home_before[rows])
    columns = address_columns(world, families.homes.take(home), plan.style)
    columns["street"] = noise.with_typos(rng, columns["street"], plan.typos)
    return columns


def address_columns(world: World, address: Address, style: str) -> dict[str, pa.Array]:
    """The table's seven address fields."""
    texts = world.places.texts(address, style)
    code = digits(world.places.postal_codes(address), 8)
    return {
        "street": joined([texts.street_type, texts.street], " "),
        "number": texts.number,
        "complement": texts.complement,
        "district": texts.district,
        "city": getattr(world.places.cities, style).take(pa.array(address.municipality)),
        "state": world.places.states.take(pa.array(world.places.state[address.municipality])),
        "postal_code": fixed(code) if style == "plain" else fixed(code[:, :5], b"-", code[:, 5:]),
    }


def _contacts(rng: Generator, block: Block, rows: Ints, seen: Ints, plan: SourcePlan) -> dict[str, pa.Array]:
    mobile, landline, email = block.contacts.on(rows, seen)
    mobile = np.where(rng.random(len(rows)) < 0.85, mobile, 0)
    landline = np.where(rng.random(len(rows)) < 0.7, landline, 0)
    addresses = block.mailboxes.take(pa.array(np.maximum(email - 1, 0)))
    if plan.style == "accented":
        addresses = pc.utf8_upper(addresses)
    phones = [phone_texts(mobile, plan.phone_form), phone_texts(landline, plan.phone_form)]
    return {"phones": joined(phones, "|"), "emails": blank_where(addresses, email == 0)}
