"""Which records are the same record again: a keyed hash of what was sent, however it was typed.

Case, accents, punctuation and blanks do not count; every field does. The key is the home's, and the client's name is
hashed along: of the table that remembers what was charged (``charged_record``) nobody can tell who was asked about,
nor whether two clients asked about the same person.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.ids import ClientId
from bureau.intake.canonical import CANONICAL

DIGEST_BYTES = 16
DIGEST = pa.binary(DIGEST_BYTES)
_FIELD_END = "\x1f"


class RecordKeys:
    """The keys of one client's records."""

    def __init__(self, secret: bytes, client: ClientId) -> None:
        self._keyed = hashlib.blake2b(client.encode() + b"\0", key=secret, digest_size=DIGEST_BYTES, person=b"record")

    def of(self, records: pa.Table) -> pa.Array:
        """A 16-byte key for every row of canonical columns (``bureau.intake.canonical``)."""
        keys = []
        for text in _folded(records).to_pylist():
            keyed = self._keyed.copy()
            keyed.update(text.encode())
            keys.append(keyed.digest())
        return pa.array(keys, DIGEST)


def as_typed(records: pa.Table) -> pa.Array:
    """One text a row, the same for rows that are answered the same. A repaired row is only like itself: its answer also
    says what was repaired."""
    whole = _whole(records)
    if "repairs" in records.column_names:
        repaired = pc.fill_null(pc.greater(pc.list_value_length(records["repairs"]), 0), False)
        own = pc.cast(pa.array(np.arange(records.num_rows)), pa.string())
        whole = pc.binary_join_element_wise(whole, pc.if_else(repaired, own, ""), _FIELD_END)
    return _contiguous(whole)


def first_of_each(keys: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Positions of the first row with each key, and for every row which of those has its answer."""
    encoded = keys.dictionary_encode()  # numbered in order of first appearance
    _, first = np.unique(encoded.indices.to_numpy(), return_index=True)
    return pa.array(first), encoded.indices


def _folded(records: pa.Table) -> pa.Array:
    plain = pc.utf8_upper(pc.utf8_normalize(_whole(records), form="NFKD"))
    return _contiguous(pc.replace_substring_regex(plain, f"[^0-9A-Z@|{_FIELD_END}]+", ""))


def _whole(records: pa.Table) -> pa.ChunkedArray:
    columns = records.select(CANONICAL.names).columns  # what was repaired in them is no part of who is meant
    return pc.binary_join_element_wise(*columns, _FIELD_END, null_handling="replace", null_replacement="")


def _contiguous(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
