"""What a table is, found out once: enough to read its rows again elsewhere and to write a result in its likeness."""

import msgspec

from bureau.intake.headers import ColumnMap
from bureau.intake.sniff import Dialect, Form


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the file's, for messages. ``header`` are the client's columns. ``dialect`` is set for CSV only;
    ``opening`` are a CSV file's lines up to its header, the header last, as delivered."""

    name: str
    form: Form
    header: tuple[str, ...]
    meaning: ColumnMap
    dialect: Dialect | None = None
    opening: tuple[str, ...] = ()

    @property
    def csv(self) -> Dialect:
        """The dialect of delimited text."""
        if self.dialect is None:
            raise AssertionError(f"{self.form} has no dialect")
        return self.dialect
