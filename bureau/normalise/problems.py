"""Why a value could not be read, as a word for people and as a small number for columns."""

from enum import StrEnum
from typing import Self


class Problem(StrEnum):
    """Base of each kind of value's problems; ``code`` is the 1-based position, 0 in a column means "no problem"."""

    @property
    def code(self) -> int:
        return list(type(self)).index(self) + 1

    @classmethod
    def of(cls, code: int) -> Self | None:
        """The problem behind a column's code; None for 0."""
        return list(cls)[code - 1] if code else None
