"""Socios: one row a partner of a company. The triple (company, kind, masked CPF) is not unique: all rows are kept."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.model.tables import PARTNERS
from bureau.normalise.columns import normal_names
from bureau.normalise.dates import DateProblem, dates
from bureau.normalise.documents import TaxIdProblem, tax_ids
from loaders.cnpj.files import Table
from loaders.cnpj.reading import Context, RegisterBatch, RegisterRows, base_36, code, count_unknown
from loaders.names import company_names
from loaders.values import count_problems, date_column, number_column

_COMPANY = 1
_MASKED = "^[*]{3}(?P<visible>[0-9]{6})[*]{2}$"


def partner_rows(batch: RegisterBatch, first_row: int, context: Context) -> RegisterRows:
    """Partner rows, all of them: not even equal ones are merged."""
    roots, wrong = base_36(batch.text("root"), 8)
    kind = code(batch.text("kind"), pa.uint8())
    company = pc.fill_null(pc.equal(kind, _COMPANY), False)
    entered, problems = dates(batch.text("entered_on"), context.released)
    count_problems(context.tally.unusable, "entered_on", DateProblem, problems)
    count_unknown(
        batch.text("qualification"),
        context.codes[Table.QUALIFICATIONS],
        context.tally.noticed,
        "qualification.unknown_code",
    )
    count_unknown(batch.text("country"), context.codes[Table.COUNTRIES], context.tally.noticed, "country.unknown_code")
    age_band = code(batch.text("age_band"), pa.uint8())
    columns = {
        "row": pa.array(batch.lines + first_row),
        "source": pa.array([context.source]).take(pa.array(np.zeros(len(batch.lines), np.int8))),
        "company_root": pa.array(roots),
        "kind": kind,
        "name": pc.if_else(company, company_names(batch.text("name")).texts, normal_names(batch.text("name"))),
        "masked_cpf": _masked_cpfs(batch.text("tax_id")),
        "tax_id": _company_tax_ids(batch.text("tax_id"), company, context),
        "qualification": code(batch.text("qualification"), pa.uint8()),
        "entered_on": date_column(np.where(problems == 0, entered, 0)),
        "age_band": pc.if_else(pc.equal(age_band, 0), None, age_band),
    }
    rows = pa.RecordBatch.from_arrays([columns[name] for name in PARTNERS.names], schema=PARTNERS)
    return RegisterRows(rows.filter(pa.array(~wrong)), wrong)


def _masked_cpfs(texts: pa.Array) -> pa.Array:
    """The six visible digits; all zeros stand for "none"."""
    visible = pc.struct_field(pc.extract_regex(texts, _MASKED), "visible").cast(pa.int32())
    return pc.if_else(pc.equal(visible, 0), None, visible)


def _company_tax_ids(texts: pa.Array, company: pa.Array, context: Context) -> pa.Array:
    """Partner companies' CNPJs; the other partners' cells hold masked CPFs."""
    numbers, problems = tax_ids(texts.filter(company), "company")
    count_problems(context.tally.unusable, "partner_tax_id", TaxIdProblem, problems)
    found = number_column(numbers, problems != 0, pa.int64())
    return pc.replace_with_mask(pa.nulls(len(texts), pa.int64()), company, found)
