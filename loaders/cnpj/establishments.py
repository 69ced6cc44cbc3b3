"""Estabelecimentos: one row an establishment, with its address and contacts."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.intake.canonical import joined
from bureau.model.tables import COMPANIES
from bureau.normalise.columns import map_distinct
from bureau.normalise.dates import DateProblem, dates
from bureau.reference.places import municipality_of_siafi
from loaders.addresses import StreetCells, postal_code_column, street_columns
from loaders.cnpj.files import Table
from loaders.cnpj.reading import Context, RegisterBatch, RegisterRows, base_36, code, count_unknown
from loaders.contacts import PhoneCells, email_lists, phone_lists
from loaders.names import company_names
from loaders.values import count_problems, date_column

_OF_THE_COMPANY = {"source", "legal_name", "owner_tax_id", "legal_nature", "size"}
ESTABLISHMENTS = pa.schema(
    [pa.field("root", pa.int64()), *(field for field in COMPANIES if field.name not in _OF_THE_COMPANY)]
)
_ORDERS = 36**4  # establishments a root can have: the CNPJ's base is root and order, read in base 36
_ACTIVE = 2


def establishment_rows(batch: RegisterBatch, first_row: int, context: Context) -> RegisterRows:
    """Establishment rows.

    Contacts are as old as the registration's last word on them: of an active establishment the release, of any other
    the day it stopped being active, since nobody updates the contacts of a closed firm.
    """
    roots, wrong_root = base_36(batch.text("root"), 8)
    orders, wrong_order = base_36(batch.text("order"), 4)
    wrong = wrong_root | wrong_order
    status = code(batch.text("status"), pa.uint8())
    _count_unknown_codes(batch, context)
    columns = {
        "root": pa.array(roots),
        "row": pa.array(batch.lines + first_row),
        "tax_id": pa.array(roots * _ORDERS + orders),
        "head_office": pc.equal(code(batch.text("head_office"), pa.uint8()), 1),
        "trade_name": company_names(batch.text("trade_name")).texts,
        "registration_status": status,
        "opened_on": _dates(batch, "opened_on", context),
        "activity": code(batch.text("activity"), pa.int32()),
        **_address(batch, context),
        "phones": _phones(batch, context),
        "emails": email_lists([batch.text("email")], len(batch.lines), context.tally),
        "seen_at": _seen_at(batch, status, context),
    }
    rows = pa.RecordBatch.from_arrays([columns[name] for name in ESTABLISHMENTS.names], schema=ESTABLISHMENTS)
    return RegisterRows(rows.filter(pa.array(~wrong)), wrong)


def _dates(batch: RegisterBatch, name: str, context: Context) -> pa.Array:
    found, problems = dates(batch.text(name), context.released)
    count_problems(context.tally.unusable, name, DateProblem, problems)
    return date_column(np.where(problems == 0, found, 0))


def _seen_at(batch: RegisterBatch, status: pa.Array, context: Context) -> pa.Array:
    ended = pc.coalesce(_dates(batch, "status_on", context), pa.scalar(context.released))
    active = pc.fill_null(pc.equal(status, _ACTIVE), True)
    return pc.if_else(active, pa.scalar(context.released), ended)


def _address(batch: RegisterBatch, context: Context) -> dict[str, pa.Array]:
    streets = joined([batch.text("street_type"), batch.text("street")], " ")
    abroad = pc.equal(batch.text("state"), "EX")
    context.tally.noticed["abroad"] += pc.sum(abroad).as_py() or 0
    postal_codes = pc.if_else(pc.fill_null(abroad, False), None, batch.text("postal_code"))
    return {
        **street_columns(StreetCells(streets, batch.text("number"), batch.text("complement"), batch.text("district"))),
        "municipality": map_distinct(batch.text("municipality"), _municipality, pa.uint16()),
        "postal_code": postal_code_column(postal_codes, context.tally),
    }


def _municipality(digits: str) -> int | None:
    return municipality_of_siafi().get(int(digits)) if digits.isdecimal() else None


def _phones(batch: RegisterBatch, context: Context) -> pa.Array:
    # The fax is left out: what answers there is no person.
    cells = [PhoneCells(batch.text(f"phone_{place}"), batch.text(f"area_code_{place}")) for place in (1, 2)]
    return phone_lists(cells, len(batch.lines), context.tally)


def _count_unknown_codes(batch: RegisterBatch, context: Context) -> None:
    for name, table in (
        ("activity", Table.ACTIVITIES),
        ("reason", Table.REASONS),
        ("municipality", Table.MUNICIPALITIES),
        ("country", Table.COUNTRIES),
    ):
        count_unknown(batch.text(name), context.codes[table], context.tally.noticed, f"{name}.unknown_code")
