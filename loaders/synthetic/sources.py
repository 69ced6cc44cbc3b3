"""The people files: what each source knows of whom, when it saw them, and how it writes them down."""

from datetime import date
from typing import Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.synthetic.chance import Generator, Ints, Mask, some
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.lettering import Style, dates, digits, fixed, joined, null_where, repeated
from loaders.synthetic.names import FEMALE
from loaders.synthetic.noise import Wear, with_typos, worn_names, wrong_births
from loaders.synthetic.places import Address, Places
from loaders.synthetic.population import Block, World

FIELDS = (
    "source", "tax_id", "name", "birth_date", "sex", "mother_name", "street", "number", "complement", "district",
    "city", "state", "postal_code", "phones", "emails", "seen_at",
)  # fmt: skip
PORTUGUESE = (
    "fonte", "cpf", "nome", "data_nascimento", "sexo", "nome_mae", "logradouro", "numero", "complemento", "bairro",
    "cidade", "uf", "cep", "telefones", "emails", "data_cadastro",
)  # fmt: skip

_STALE_ADDRESS = 0.04
_GIVES_MOBILE, _GIVES_LANDLINE = 0.85, 0.7
_FIRST_DAYS = 60  # of life, in which nobody is in a register


class SourcePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One source: the share of the eligible people it holds, the first and last year it saw them, its habits.

    ``missing`` is the share of blanks by field, beside those of people who have nothing to give.
    """

    name: str
    coverage: float
    years: tuple[int, int]
    style: Style = "plain"
    portuguese: bool = False
    phone_form: Literal["digits", "pretty", "old"] = "digits"
    typos: float = 0.01
    wear: Wear = Wear()
    wrong_birth: float = 0.015
    missing: dict[str, float] = {}

    @property
    def days(self) -> tuple[int, int]:
        """First day, and the day after the last one."""
        first, last = self.years
        return _new_year(first), _new_year(last + 1)


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
        name="synthetic_telecom", coverage=0.45, years=(2015, 2024),
        missing={"tax_id": 1.0, "birth_date": 0.03, "mother_name": 0.15, "sex": 0.5, "emails": 0.2},
    ),
    SourcePlan(
        name="synthetic_insurance", coverage=0.20, years=(2012, 2022), style="accented",
        missing={"tax_id": 0.01, "mother_name": 0.5},
    ),
    SourcePlan(
        name="synthetic_health", coverage=0.35, years=(2018, 2026), typos=0.02,
        missing={"tax_id": 0.4, "emails": 0.8},
    ),
)  # fmt: skip


def memberships(rng: Generator, block: Block, plans: tuple[SourcePlan, ...], today: int) -> Mask:
    """(people, sources): who is in which. Nobody is in none; nobody in one that had ended before the birth."""
    birth = block.families.birth[block.people]
    last = np.array([min(plan.days[1], today) for plan in plans])
    eligible = birth[:, None] + _FIRST_DAYS < last
    member: Mask = eligible & (rng.random(eligible.shape) < np.array([plan.coverage for plan in plans]))
    left = np.flatnonzero(~member.any(axis=1))
    pick = rng.integers(0, len(plans), len(left))
    member[left, np.where(eligible[left, pick], pick, np.argmax(last))] = True
    return member


def render(rng: Generator, world: World, block: Block, rows: Ints, plan: SourcePlan) -> dict[str, pa.StringArray]:
    """The plan's records of people (rows of the block's families): a column of text for each of :data:`FIELDS`."""
    families, stock, birth = block.families, world.stock, block.families.birth[rows]
    first, end = plan.days
    seen = rng.integers(first, min(end, world.today), len(rows))
    seen = np.minimum(np.maximum(seen, birth + _FIRST_DAYS), world.today)
    pattern: Literal["brazilian", "iso"] = "brazilian" if plan.portuguese else "iso"
    names = worn_names(rng, stock, families.names(rows, seen), plan.wear)
    mothers = worn_names(rng, stock, families.mother_names(rows), plan.wear)
    columns = {
        "source": repeated(plan.name, len(rows)),
        "tax_id": _tax_ids(block.tax_id[rows], plan.style),
        "name": with_typos(rng, stock.written(names, plan.style), plan.typos),
        "birth_date": dates(wrong_births(rng, birth, plan.wrong_birth), pattern),
        "sex": pa.array(["M", "F"]).take(pa.array(families.sex[rows] == FEMALE).cast(pa.int8())),
        "mother_name": with_typos(rng, stock.written(mothers, plan.style), plan.typos),
        **address_columns(world.places, _known_address(rng, block, rows, seen), plan.style),
        **_contact_columns(rng, world, block, (rows, seen), plan),
        "seen_at": dates(seen, pattern),
    }
    columns["street"] = with_typos(rng, columns["street"], plan.typos)
    for field, share in plan.missing.items():
        columns[field] = null_where(some(rng, len(rows), share), columns[field])
    return columns


def address_columns(places: Places, address: Address, style: Style) -> dict[str, pa.StringArray]:
    """The people table's seven address fields."""
    texts = places.texts(address, style)
    code = digits(places.postal_codes(address), 8)
    return {
        "street": joined([texts.street_type, texts.street], " "),
        "number": texts.number,
        "complement": texts.complement,
        "district": texts.district,
        "city": places.cities.written(style, address.municipality),
        "state": places.state_codes.take(pa.array(places.state[address.municipality])),
        "postal_code": fixed(code) if style == "plain" else fixed(code[:, :5], b"-", code[:, 5:]),
    }


def _new_year(year: int) -> int:
    return (date(year, 1, 1) - date(1970, 1, 1)).days


def _tax_ids(numbers: Ints, style: Style) -> pa.StringArray:
    cpf = digits(numbers, 11)
    return fixed(cpf) if style == "plain" else fixed(cpf[:, :3], b".", cpf[:, 3:6], b".", cpf[:, 6:9], b"-", cpf[:, 9:])


def _known_address(rng: Generator, block: Block, rows: Ints, seen: Ints) -> Address:
    families = block.families
    moved = (seen >= families.moved_on[rows]) & ~some(rng, len(rows), _STALE_ADDRESS)
    return families.homes.take(np.where(moved, families.home[rows], families.home_before[rows]))


def _contact_columns(
    rng: Generator, world: World, block: Block, seen: tuple[Ints, Ints], plan: SourcePlan
) -> dict[str, pa.StringArray]:
    """Phones and e-mails; ``seen`` is who and when."""
    count = len(seen[0])
    mobile = np.where(some(rng, count, _GIVES_MOBILE), block.contacts.mobiles_on(*seen), 0)
    landline = np.where(some(rng, count, _GIVES_LANDLINE), block.contacts.landline[seen[0]], 0)
    phones = joined([phone_texts(mobile, plan.phone_form), phone_texts(landline, plan.phone_form)], "|")
    emails = world.emails.addresses(block.families, block.contacts, block.contacts.mailboxes_on(*seen))
    return {"phones": phones, "emails": pc.utf8_upper(emails) if plan.style == "accented" else emails}
