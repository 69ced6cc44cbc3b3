"""What a table is, found out once: enough to read its rows again elsewhere and to write a result in its likeness."""

import msgspec

from bureau.intake.guess import ColumnGuess
from bureau.intake.headers import ColumnMap
from bureau.intake.layouts import Layout
from bureau.intake.sniff import Dialect, Form
from bureau.intake.workbook import Sheet


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the file's, for messages. ``header`` are the client's columns. A CSV file has a ``dialect`` and its
    ``opening``, the lines up to its header, the header last, as delivered; a workbook its ``sheet``;
    a fixed-width file its ``layout`` and ``encoding``. ``guesses`` say why the columns mean what they do."""

    name: str
    form: Form
    header: tuple[str, ...]
    meaning: ColumnMap
    dialect: Dialect | None = None
    opening: tuple[str, ...] = ()
    sheet: Sheet | None = None
    layout: Layout | None = None
    encoding: str = "utf-8"
    guesses: tuple[ColumnGuess, ...] = ()
