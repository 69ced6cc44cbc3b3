"""Rows of a table of companies → rows of ``bureau.model.tables.COMPANIES``, and which of them are refused.

One row is one establishment, as in the public register. A table without the register's codes (legal nature, status,
activity) leaves them unknown: where the register is loaded too, the build takes them from there.
"""

import numpy as np
import pyarrow as pa

from bureau.model.tables import COMPANIES
from bureau.normalise.documents import TaxIdProblem
from loaders.names import company_names
from loaders.tables.intake import RawBatch
from loaders.tables.reader import Reader, Refused, SourceRows, is_total

_ORDERS = 36**4  # a CNPJ's base is root and order, read in base 36; order 0001 is nearly always the head office


def company_rows(reader: Reader, raw: RawBatch) -> SourceRows:
    """Normalise every column; a row without a valid CNPJ is refused, since no later row could be joined to it."""
    numbers, problems = reader.tax_ids(raw, "company")
    names = company_names(reader.cells(raw, "name"))
    columns = {
        "tax_id": pa.array(numbers),
        "head_office": pa.array(numbers % _ORDERS == 1),
        "legal_name": names.texts,
        "trade_name": company_names(reader.cells(raw, "trade_name")).texts,
        "owner_tax_id": names.owners,
        "opened_on": reader.dates(raw, "birth_date"),  # one field of queries too: the day one began to be
        **reader.shared(raw),
    }
    count = len(raw.lines)
    arrays = [columns[field.name] if field.name in columns else pa.nulls(count, field.type) for field in COMPANIES]
    rows = pa.RecordBatch.from_arrays(arrays, schema=COMPANIES)
    total = is_total(rows["legal_name"]) & (numbers == 0)
    refused = [Refused(np.flatnonzero(total), "name", "total_row")]
    for problem in TaxIdProblem:
        rows_of_it = np.flatnonzero((problems == problem.code) & (numbers == 0) & ~total)
        reason = "person_tax_id" if problem is TaxIdProblem.WRONG_KIND else f"tax_id.{problem}"
        refused.append(Refused(rows_of_it, "tax_id", reason))
    empty = (problems == 0) & (numbers == 0) & ~total
    refused.append(Refused(np.flatnonzero(empty), "tax_id", "tax_id.missing"))
    return SourceRows(rows.filter(pa.array(numbers > 0)), [r for r in refused if len(r.rows)])
