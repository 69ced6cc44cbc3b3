"""Columns from scalar functions: each distinct word or value is normalised once, so column and scalar cannot differ."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.normalise.names import word_tokens
from bureau.normalise.text import MISSING_LEAD, fold_word, is_missing

Column: TypeAlias = pa.Array | pa.ChunkedArray


def as_strings(column: Column) -> pa.Array:
    """One contiguous array of plain strings (32-bit offsets) from whatever a reader delivered."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def text_bytes(column: Column) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """UTF-8 bytes and n + 1 offsets into them, for compiled loops; null reads as the empty text."""
    texts = as_strings(column)
    if texts.null_count:
        texts = texts.fill_null("")
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.zeros(1, np.uint8), np.zeros(len(texts) + 1, np.int32)
    whole = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return whole, np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]


def is_valid(column: pa.Array) -> NDArray[np.bool_]:
    """Where a column is not null."""
    valid: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return valid


def map_distinct(column: Column, function: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """``function`` of every value, called once for each distinct one; null stays null."""
    encoded = as_strings(column).dictionary_encode()
    mapped = pa.array([function(value) for value in encoded.dictionary.to_pylist()], kind)
    return mapped.take(encoded.indices)


def map_words(column: Column, function: Callable[[str], str]) -> pa.Array:
    """``function`` of every word between plain blanks, joined by single blanks; null stays null, no words is empty.

    ``function`` answers the empty string for a word to leave out.
    """
    words = pc.split_pattern(as_strings(column), " ")
    encoded = words.flatten().dictionary_encode()
    mapped = pa.array([function(word) for word in encoded.dictionary.to_pylist()], pa.string())
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    kept = (pc.binary_length(mapped).to_numpy(zero_copy_only=False) > 0)[codes] if len(codes) else np.zeros(0, bool)
    offsets = words.offsets.to_numpy()
    counts = np.concatenate([[0], np.cumsum(kept)])[offsets - offsets[0]].astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(counts), mapped.take(pa.array(codes[kept])))
    joined = pc.binary_join(lists, " ")
    return pc.if_else(pc.is_valid(words), joined, None) if words.null_count else joined


def normal_texts(column: Column) -> pa.Array:
    """The columnar form of ``text.clean``."""
    return _missing_to_null(map_words(column, fold_word))


def normal_names(column: Column) -> pa.Array:
    """The columnar form of ``names.normal_name``."""
    return _missing_to_null(map_words(column, lambda word: " ".join(word_tokens(word))))


def _missing_to_null(texts: pa.Array) -> pa.Array:
    leads = texts.filter(pc.match_substring_regex(texts, MISSING_LEAD))
    missing = pa.array([value for value in pc.unique(leads).to_pylist() if is_missing(value)], pa.string())
    return pc.if_else(pc.is_in(texts, missing), None, texts) if len(missing) else texts
