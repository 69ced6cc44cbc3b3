"""Files of the register as batches of raw text columns, and the conversions that all its tables share."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.errors import UnreadableInput
from bureau.intake.records import REASONS, WHOLE, Records, read_records
from loaders.cnpj.files import RegisterFile, Table, opened
from loaders.cnpj.layout import columns_of, text_of
from loaders.release import Refusal
from loaders.report import Tally

_CHUNK = 16 << 20

Codes = Mapping[Table, frozenset[str]]
"""The codes that some list explains, by list."""


class Context(NamedTuple):
    """What turning batches into rows needs to know; counts go to ``tally``."""

    source: str
    released: date
    codes: Codes
    tally: Tally


class RegisterBatch(NamedTuple):
    """Some rows of one file, all text.

    ``lines`` are 1-based; ``original`` gives row i as delivered; ``broken`` rows could not be cut into columns.
    ``position`` is how many bytes of the file are done, ``last_line`` the last line they hold.
    """

    columns: pa.Table
    lines: NDArray[np.int64]
    original: Callable[[int], str]
    broken: list[Refusal]
    position: int
    last_line: int

    def text(self, name: str) -> pa.Array:
        """A column, trimmed; an empty cell is null."""
        texts = pc.utf8_trim_whitespace(self.columns[name].combine_chunks())
        return pc.if_else(pc.equal(texts, ""), None, texts)


class RegisterRows(NamedTuple):
    """What a batch became. ``unreadable`` marks the rows of the batch left out because nothing can be joined to them:
    their CNPJ cannot be read."""

    rows: pa.RecordBatch
    unreadable: NDArray[np.bool_]


def batches(file: RegisterFile, chunk: int = _CHUNK) -> Generator[RegisterBatch, None, None]:
    """All rows of a file; raises ``UnreadableInput`` when its first row does not have the table's layout."""
    text = text_of(file.table)
    names = list(columns_of(file.table))
    with opened(file) as stream:
        first = True
        for records in read_records(stream, text, 0, chunk):
            if first and records.kinds[0] != WHOLE:
                raise UnreadableInput(
                    f"{file.name} is not a file of {file.table}: it has other than {len(names)} columns."
                )
            first = False
            whole = np.flatnonzero(records.kinds == WHOLE)
            yield RegisterBatch(
                columns=records.table(names, text, names),
                lines=records.lines[whole],
                original=partial(_original, records, whole),
                broken=_broken(file, records),
                position=stream.tell(),
                last_line=int(records.lines[-1]),
            )


def _original(records: Records, whole: NDArray[np.int64], row: int) -> str:
    return records.original(int(whole[row]))


def _broken(file: RegisterFile, records: Records) -> list[Refusal]:
    return [
        Refusal(file.name, int(records.lines[record]), "", REASONS[records.kinds[record]], records.original(record))
        for record in np.flatnonzero(records.kinds > WHOLE).tolist()
        if REASONS[records.kinds[record]]
    ]


def base_36(characters: pa.Array, width: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Capital letters and digits read in base 36, and where they could not be (wrong width or character).

    Roots and orders have had letters since July 2026 (IN RFB 2.229/2024), so they are no decimal numbers.
    """
    upper = pc.ascii_upper(pc.ascii_lpad(characters, width, "0"))
    wrong = pc.fill_null(pc.invert(pc.match_substring_regex(upper, f"^[0-9A-Z]{{{width}}}$")), True).to_numpy(False)
    filled = pc.if_else(pa.array(wrong), "0" * width, upper)
    digits = np.frombuffer(
        pc.binary_join(pa.ListArray.from_arrays([0, len(filled)], filled), "")[0].as_buffer(), np.uint8
    )
    values = digits.astype(np.int64).reshape(-1, width) - ord("0")
    values[values > 9] -= ord("A") - ord("0") - 10
    return values @ (36 ** np.arange(width - 1, -1, -1, dtype=np.int64)), wrong


def code(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """A numeric code; what is no number of that size is null."""
    largest = len(str(np.iinfo(kind.to_pandas_dtype()).max)) - 1
    usable = pc.match_substring_regex(texts, f"^[0-9]{{1,{largest}}}$")
    return pc.if_else(usable, texts, None).cast(kind)


def count_unknown(texts: pa.Array, known: frozenset[str], counts: Counter[str], name: str) -> None:
    """Count codes that no list explains: they are accepted as delivered, because the lists lag behind the data."""
    unknown = pc.and_(pc.is_valid(texts), pc.invert(pc.is_in(texts, pa.array(sorted(known), pa.string()))))
    counts[name] += pc.sum(unknown).as_py() or 0
