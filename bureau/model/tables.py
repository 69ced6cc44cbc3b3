"""Source tables: the normalised Parquet every loader writes and ``bureau build`` reads.

One directory per source and release, ``<home>/sources/<source>/<release>/``, holding ``people-*.parquet``,
``companies-*.parquet`` and ``partners-*.parquet`` (any may be absent) and ``summary.json``. A loader writes into a
staging directory beside it and renames when complete, so a release directory is always whole.

Values are already canonical (see ``bureau.normalise``): text is upper-case ASCII with single blanks, tax ids and
phones are integers, missing is null. ``row`` is the 1-based line (CSV) or row (Parquet) in the source's own file;
files of one source are numbered through, and ``summary.json`` says where each begins.
"""

import pyarrow as pa

_ADDRESS = [
    pa.field("street", pa.string()),
    pa.field("number", pa.string()),
    pa.field("complement", pa.string()),
    pa.field("district", pa.string()),
    pa.field("municipality", pa.uint16()),  # 1-based row of bureau/reference/municipalities.csv
    pa.field("postal_code", pa.int32()),
]
_CONTACTS = [
    pa.field("phones", pa.list_(pa.int64())),  # national significant number, area code first, without +55
    pa.field("emails", pa.list_(pa.string())),  # lower case, syntactically an address
    pa.field("seen_at", pa.date32()),
]

PEOPLE = pa.schema([
    pa.field("row", pa.int64()),
    pa.field("source", pa.string()),
    pa.field("tax_id", pa.int64()),  # CPF as a number, check digits valid; otherwise null
    pa.field("broken_tax_id", pa.string()),  # the 10 to 12 digits of a CPF that is not valid; otherwise null
    pa.field("name", pa.string()),
    pa.field("birth_date", pa.date32()),
    pa.field("sex", pa.uint8()),  # 1 male, 2 female
    pa.field("mother_name", pa.string()),
    *_ADDRESS,
    *_CONTACTS,
])  # fmt: skip

COMPANIES = pa.schema([
    pa.field("row", pa.int64()),
    pa.field("source", pa.string()),
    pa.field("tax_id", pa.int64()),  # the 12 base characters of the CNPJ read in base 36 (letters allowed since 2026)
    pa.field("head_office", pa.bool_()),
    pa.field("legal_name", pa.string()),  # without a trailing CPF or a leading root; legal form kept
    pa.field("trade_name", pa.string()),
    pa.field("owner_tax_id", pa.int64()),  # CPF found at the end of an individual entrepreneur's legal name
    pa.field("legal_nature", pa.int16()),
    pa.field("size", pa.uint8()),
    pa.field("registration_status", pa.uint8()),  # 2 active, 3 suspended, 4 unfit, 8 closed, others as delivered
    pa.field("opened_on", pa.date32()),
    pa.field("activity", pa.int32()),  # CNAE
    *_ADDRESS,
    *_CONTACTS,
])  # fmt: skip

PARTNERS = pa.schema([
    pa.field("row", pa.int64()),
    pa.field("source", pa.string()),
    pa.field("company_root", pa.int64()),  # the 8 root characters of the CNPJ read in base 36
    pa.field("kind", pa.uint8()),  # 1 company, 2 person, 3 foreigner
    pa.field("name", pa.string()),
    pa.field("masked_cpf", pa.int32()),  # the 6 visible digits of ***NNNNNN**
    pa.field("tax_id", pa.int64()),  # a partner company's CNPJ, base 36
    pa.field("qualification", pa.uint8()),
    pa.field("entered_on", pa.date32()),
    pa.field("age_band", pa.uint8()),
])  # fmt: skip
