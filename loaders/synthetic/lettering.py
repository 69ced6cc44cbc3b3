"""Texts in the three ways files write them, and fixed-width numbers built digit by digit."""

import functools
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.synthetic.chance import Ints, Mask

Style = Literal["plain", "accented", "titled"]
Letters = NDArray[np.uint8]

PARTICLES = frozenset({"DA", "DE", "DO", "DAS", "DOS", "E"})


class Lettering(NamedTuple):
    """The same texts, row by row, in capitals without accents, in capitals with them, and as in running text."""

    plain: pa.StringArray
    accented: pa.StringArray
    titled: pa.StringArray

    def written(self, style: Style, rows: Ints) -> pa.StringArray:
        texts: pa.StringArray = getattr(self, style)
        return texts.take(pa.array(rows))


class Spelling:
    """Puts back the accents that public tables leave out, for the words it was given."""

    def __init__(self, accented: Sequence[str]) -> None:
        self._accented = dict(zip(unaccented(pa.array(accented)).to_pylist(), accented, strict=True))

    def lettering(self, texts: Sequence[str]) -> Lettering:
        """All three forms of ``texts``; the empty text becomes null so that joining skips it."""
        titled = pa.array([" ".join(map(self._titled, text.split(" "))) or None for text in texts], pa.string())
        capitals = pc.utf8_upper(titled)
        return Lettering(unaccented(capitals), capitals, titled)

    def _titled(self, word: str) -> str:
        upper = word.upper()
        if upper in PARTICLES:
            return upper.lower()
        if upper.endswith("AO"):
            upper = upper[:-2].removesuffix("C") + ("ÇÃO" if upper.endswith("CAO") else "ÃO")
        spelt: str = self._accented.get(upper, upper)
        return spelt.capitalize()


def unaccented(texts: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFD"), r"\p{Mn}", "")


def digits(numbers: Ints, width: int) -> Letters:
    """ASCII digits of non-negative numbers, one row each, padded with zeros on the left."""
    result = np.empty((len(numbers), width), dtype=np.uint8)
    rest = numbers
    for column in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        result[:, column] = digit + 48
    return result


def fixed(*parts: Letters | bytes) -> pa.StringArray:
    """One text a row, all equally long: matrices of letters with literal text between them."""
    rows = next(len(part) for part in parts if isinstance(part, np.ndarray))
    columns = [
        np.broadcast_to(np.frombuffer(part, np.uint8), (rows, len(part))) if isinstance(part, bytes) else part
        for part in parts
    ]
    letters = np.ascontiguousarray(np.hstack(columns))
    offsets = np.arange(rows + 1, dtype=np.int32) * letters.shape[1]
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(letters))


def date_parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01."""
    moment = days.astype("datetime64[D]")
    month, year = moment.astype("datetime64[M]"), moment.astype("datetime64[Y]")
    return (
        year.astype(np.int64) + 1970,
        (month - year).astype(np.int64) + 1,
        (moment - month).astype(np.int64) + 1,
    )


def dates(days: Ints, pattern: Literal["iso", "brazilian", "register"]) -> pa.StringArray:
    """Dates as YYYY-MM-DD, DD/MM/YYYY or YYYYMMDD."""
    year, month, day = date_parts(days)
    y, m, d = digits(year, 4), digits(month, 2), digits(day, 2)
    if pattern == "brazilian":
        return fixed(d, b"/", m, b"/", y)
    return fixed(y, b"-", m, b"-", d) if pattern == "iso" else fixed(y, m, d)


def null_where(absent: Mask, texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pa.array(absent), pa.scalar(None, pa.string()), texts)


def replaced(mask: Mask, by: pa.StringArray | str, texts: pa.StringArray) -> pa.StringArray:
    """``by`` where the mask is true, ``texts`` elsewhere."""
    return pc.if_else(pa.array(mask), by, texts)


def repeated(text: str, count: int) -> pa.StringArray:
    return pa.repeat(pa.scalar(text), count)


def joined(columns: Sequence[pa.StringArray], separator: str) -> pa.StringArray:
    """Row by row, the columns that are not null, with ``separator`` between them; null where all are."""
    absent = functools.reduce(pc.and_, map(pc.is_null, columns))
    # Arrow leaves out rows that are null throughout, so that the answer would be too short: give them a text.
    first = pc.if_else(absent, pa.scalar(""), columns[0])
    texts = pc.binary_join_element_wise(first, *columns[1:], separator, null_handling="skip")
    return pc.if_else(absent, pa.scalar(None, pa.string()), texts)
