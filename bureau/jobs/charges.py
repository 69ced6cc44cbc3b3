"""What each match of a chunk costs: one unit, or nothing because the same record was charged already.

Which of several rows with one record is charged must not depend on which worker was quicker. The ledger counts a record
once, whoever comes first; the result shows the unit on the record's first row in the file (:class:`ShownCharges`).
"""

from collections.abc import Collection
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.enrich.parts import Part
from bureau.enrich.results import Answers
from bureau.model.answer import Answer, Charge

REPEATED, REQUERIED = "repeated_in_file", "charged_before"
_CHARGE = "bureau_charge"
_decode = msgspec.json.Decoder(Answer).decode
_encode = msgspec.json.Encoder().encode


class Charges(NamedTuple):
    """Positions of matches among a part's answers: ``charged`` now, or free, for a record that is ``repeated`` in the
    file or one ``requeried`` inside its window."""

    charged: list[int]
    repeated: list[int]
    requeried: list[int]


class Matches(NamedTuple):
    """Positions of the answers of a part that cost something, and the keys of their records."""

    positions: list[int]
    keys: list[bytes]

    @property
    def records(self) -> list[bytes]:
        """Each key once, in order."""
        return list(dict.fromkeys(self.keys))

    def sorted_out(self, charged_now: Collection[bytes], by_this_job: Collection[bytes]) -> Charges:
        """By what became of their records; those in neither collection were charged before."""
        found = Charges([], [], [])
        seen = set[bytes]()
        for position, key in zip(self.positions, self.keys, strict=True):
            if key in charged_now and key not in seen:
                found.charged.append(position)
            elif key in charged_now or key in by_this_job:
                found.repeated.append(position)
            else:
                found.requeried.append(position)
            seen.add(key)
        return found


def matches_of(part: Part) -> Matches:
    costly = np.flatnonzero(pc.greater(part.answers.columns[_CHARGE], 0).to_numpy())
    keys = keys_of(part).take(pa.array(costly)).to_pylist()
    return Matches(costly.tolist(), keys)


def keys_of(part: Part) -> pa.Array:
    if part.keys is None:
        raise AssertionError("the part of a job has no keys")
    return part.keys


def halves(keys: pa.Array) -> NDArray[np.uint64]:
    """The first half of each key: 64 bits tell ten million records apart, in half the memory."""
    whole = np.frombuffer(keys.buffers()[1], np.uint64) if len(keys) else np.zeros(0, np.uint64)
    return whole[2 * keys.offset : 2 * (keys.offset + len(keys)) : 2].copy()


class ShownCharges:
    """Parts with their charges as the client is shown them; to be asked in the order of the file.

    ``repeated`` are the halves of the keys of all records that are there more than once, sorted; only those are held.
    """

    def __init__(self, repeated: NDArray[np.uint64]) -> None:
        self._repeated = repeated
        self._seen = np.zeros(len(repeated), np.bool_)

    def shown(self, part: Part, requeried: NDArray[np.uint16]) -> Part:
        free = dict.fromkeys(requeried.tolist(), REQUERIED)
        if len(self._repeated):
            for position, record in zip(*self._again(part), strict=True):
                if self._seen[record]:
                    free.setdefault(position, REPEATED)
                self._seen[record] = True
        return part._replace(answers=_freed(part.answers, free)) if free else part

    def _again(self, part: Part) -> tuple[list[int], list[int]]:
        """Positions of the matches whose records are there more than once, and which of those they are."""
        costly = np.flatnonzero(pc.greater(part.answers.columns[_CHARGE], 0).to_numpy())
        keys = halves(keys_of(part))[costly]
        at = np.searchsorted(self._repeated, keys).clip(max=len(self._repeated) - 1)
        hit = self._repeated[at] == keys
        return costly[hit].tolist(), at[hit].tolist()


def _freed(answers: Answers, free: dict[int, str]) -> Answers:
    column = answers.columns[_CHARGE]
    units = column.to_numpy().copy()
    units[list(free)] = 0
    at = answers.columns.column_names.index(_CHARGE)
    columns = answers.columns.set_column(at, answers.columns.schema.field(at), pa.array(units, column.type))
    nested = list(answers.nested)
    for position, why in free.items() if nested else ():
        whole = _decode(nested[position])
        whole.charge = Charge(0, why)
        nested[position] = _encode(whole)
    return Answers(columns, nested)
