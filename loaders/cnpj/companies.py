"""Empresas: one row a company (root), to be joined to its establishments."""

import pyarrow as pa

from loaders.cnpj.files import Table
from loaders.cnpj.reading import Context, RegisterBatch, RegisterRows, base_36, code, count_unknown
from loaders.names import company_names

COMPANY_ROOTS = pa.schema([
    pa.field("root", pa.int64()),
    pa.field("legal_name", pa.string()),
    pa.field("owner_tax_id", pa.int64()),
    pa.field("legal_nature", pa.int16()),
    pa.field("size", pa.uint8()),
])  # fmt: skip


def company_rows(batch: RegisterBatch, _first_row: int, context: Context) -> RegisterRows:
    """Company rows, to be joined by root."""
    roots, wrong = base_36(batch.text("root"), 8)
    names = company_names(batch.text("legal_name"))
    count_unknown(
        batch.text("legal_nature"),
        context.codes[Table.LEGAL_NATURES],
        context.tally.noticed,
        "legal_nature.unknown_code",
    )
    columns = [
        pa.array(roots),
        names.texts,
        names.owners,
        code(batch.text("legal_nature"), pa.int16()),
        code(batch.text("size"), pa.uint8()),
    ]
    rows = pa.RecordBatch.from_arrays(columns, schema=COMPANY_ROOTS)
    return RegisterRows(rows.filter(pa.array(~wrong)), wrong)
