"""The columns of the register's files, in order (official layout, "NOVO LAYOUT DOS DADOS ABERTOS DO CNPJ").

No file has a header; the delimiter is ``;``, every field is quoted, the encoding ISO 8859-1.
"""

from collections.abc import Mapping

from bureau.intake.records import Text
from loaders.cnpj.files import Table

COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.COMPANIES: (
        *("root", "legal_name", "legal_nature", "responsible_qualification", "capital", "size"),
        "federative_entity",
    ),
    Table.ESTABLISHMENTS: (
        *("root", "order", "check_digits", "head_office", "trade_name", "status", "status_on", "reason"),
        *("city_abroad", "country", "opened_on", "activity", "other_activities", "street_type", "street", "number"),
        *("complement", "district", "postal_code", "state", "municipality", "area_code_1", "phone_1"),
        *("area_code_2", "phone_2", "area_code_fax", "fax", "email", "special_situation", "special_situation_on"),
    ),
    Table.PARTNERS: (
        *("root", "kind", "name", "tax_id", "qualification", "entered_on", "country", "representative_tax_id"),
        *("representative_name", "representative_qualification", "age_band"),
    ),
    Table.SIMPLES: (*("root", "simples", "simples_since", "simples_until", "mei", "mei_since", "mei_until"),),
}
LOOKUP_COLUMNS = ("code", "description")


def columns_of(table: Table) -> tuple[str, ...]:
    """A table's columns in order."""
    return COLUMNS.get(table, LOOKUP_COLUMNS)


def text_of(table: Table) -> Text:
    """How a table's files are written."""
    return Text(";", '"', "latin-1", len(columns_of(table)))
