"""Columns that a careful user of a peer derives from Brazilian records before linking them: both Splink's guide to
feature engineering and the Toolkit's to preprocessing ask for such, and all of them are plain SQL."""

import duckdb
import pyarrow as pa

FATHER_AND_SON = r" (FILHO|JUNIOR|NETO|SOBRINHO|BISNETO|SEGUNDO)$"
LISTS = ("tokens", "mother_tokens")
_LAST_WORD = f"regexp_extract(regexp_replace(full_name, '{FATHER_AND_SON}', ''), ' ([^ ]+)$', 1)"
_DERIVED = f"""
    SELECT *,
        regexp_extract(full_name, '{FATHER_AND_SON}', 1) AS suffix, nullif({_LAST_WORD}, '') AS last_name,
        substr(birth_date, 1, 4) AS year, substr(birth_date, 5, 2) AS month, substr(birth_date, 7, 2) AS day,
        string_split(full_name, ' ') AS tokens, string_split(mother_name, ' ') AS mother_tokens,
        split_part(mother_name, ' ', 1) AS mother_first,
        substr(tax_id, 1, 6) AS tax_head, substr(tax_id, 6) AS tax_tail
    FROM (SELECT *, nullif(concat_ws(' ', given_name, surname), '') AS full_name FROM records)
"""  # noqa: S608  # ours


def derived(records: pa.Table) -> pa.Table:
    """``records`` with the derived columns behind their own; an empty suffix is the lack of one, all else is null."""
    with duckdb.connect() as database:
        database.register("records", records)
        return database.sql(_DERIVED).to_arrow_table()
