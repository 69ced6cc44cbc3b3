"""What a file is taken for, before anything is done with it: shown to its sender, who may correct it.

The correction is a mapping (see ``headers.read_mapping``) and comes back as ``tables.Reading.mapping``.
"""

from collections import Counter
from pathlib import Path

import msgspec

from bureau.intake.chunks import Refusal, chunk_of
from bureau.intake.guess import ColumnGuess
from bureau.intake.headers import Mapped
from bureau.intake.rows import Rows, no_rows
from bureau.intake.sniff import Form
from bureau.intake.tables import Reading, TableFile, opened_table

SHOWN_ROWS = 5
SHOWN_VALUES = 3
_LONGEST_SHOWN = 200


class ColumnPreview(msgspec.Struct, frozen=True):
    """A column, what it is taken for and why (see ``guess.ColumnGuess``), and some of its values."""

    guess: ColumnGuess
    values: tuple[str, ...]


class RowPreview(msgspec.Struct, frozen=True):
    """A row as it would be asked about: its number, its values by field, and what was repaired to get them."""

    row: int
    record: dict[str, str]
    repairs: list[dict[str, str]]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """``delimiter``, ``encoding`` and ``quote`` are null where the form has none. ``rows_seen`` were read of the file,
    of which ``refused`` (by reason) would not be answered; ``refusals`` are the first of them. ``mapping`` says the
    same as the guess, in the form of a correction."""

    form: Form
    encoding: str | None
    delimiter: str | None
    quote: str | None
    headed: bool
    sheet: str | None
    layout: str | None
    columns: list[ColumnPreview]
    rows: list[RowPreview]
    rows_seen: int
    refused: dict[str, int]
    refusals: list[Refusal]
    repairs: dict[str, int]
    mapping: Mapped


def preview(path: Path, reading: Reading | None = None) -> Preview:
    """Look at the first rows of a file; raises ``UnreadableInput`` as ``tables.open_table`` does.

    What is wrong with records (nothing to search by) shows only when they are answered.
    """
    with opened_table(path, reading) as table:
        return preview_of(table)


def preview_of(table: TableFile) -> Preview:
    """:func:`preview` of a file that is open."""
    what = table.what
    rows: Rows = next(table.rows(), no_rows(what))
    chunk = chunk_of(what, rows, with_columns=True)
    client = chunk.own.client
    values = [] if client is None else [_shown(column.slice(0, 200).to_pylist()) for column in client.columns]
    first = chunk.records.slice(0, SHOWN_ROWS).drop_columns(["repairs"]).to_pylist()
    repairs: list[list[dict[str, str]]] = [row or [] for row in chunk.records["repairs"].to_pylist()]
    return Preview(
        form=what.form,
        encoding=what.dialect.encoding if what.dialect else what.encoding if what.layout else None,
        delimiter=what.dialect.delimiter if what.dialect else None,
        quote=what.dialect.quote if what.dialect else None,
        headed=what.dialect.headed if what.dialect else True,
        sheet=what.sheet.name if what.sheet else None,
        layout=what.layout.name if what.layout else None,
        columns=[ColumnPreview(guess, shown) for guess, shown in zip(what.guesses, values, strict=True)],
        rows=[
            RowPreview(number, {field: value for field, value in record.items() if value}, noted)
            for number, record, noted in zip(chunk.own.rows.tolist(), first, repairs, strict=False)
        ],
        rows_seen=len(rows.numbers),
        refused=dict(Counter(refusal.reason for refusal in chunk.refusals)),
        refusals=chunk.refusals[:SHOWN_ROWS],
        repairs=dict(Counter(one["rule"] for row in repairs for one in row)),
        mapping=what.meaning.as_mapping(what.header),
    )


def _shown(values: list[object]) -> tuple[str, ...]:
    filled = dict.fromkeys(str(value)[:_LONGEST_SHOWN] for value in values if value not in (None, ""))
    return tuple(filled)[:SHOWN_VALUES]
