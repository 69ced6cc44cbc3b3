"""Cells of ours that a spreadsheet would run as formulas, made text.

A name or street in some source may begin with ``=``; opened in Excel, it would be run. An apostrophe in front is how
spreadsheets themselves mark text. The client's own cells are never touched, and phones (``+`` and digits) stay E.164.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.normalise.columns import text_bytes

_EQUALS, _AT, _MINUS, _PLUS, _TAB, _RETURN = (ord(character) for character in "=@-+\t\r")


def as_text_only(column: pa.Array) -> pa.Array:
    """Strings without any that a spreadsheet would take for a formula."""
    risky = _formula_like(*text_bytes(column))
    if not risky.any():
        return column
    return pc.if_else(pa.array(risky), pc.binary_join_element_wise("'", column, ""), column)


@compiled
def _formula_like(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> NDArray[np.bool_]:
    found = np.zeros(len(offsets) - 1, np.bool_)
    for row in range(len(found)):
        start, end = offsets[row], offsets[row + 1]
        if start == end:
            continue
        first = data[start]
        if first in (_EQUALS, _AT, _MINUS, _TAB, _RETURN):
            found[row] = True
        elif first == _PLUS:
            for place in range(start + 1, end):
                found[row] = found[row] or not 48 <= data[place] <= 57
    return found
