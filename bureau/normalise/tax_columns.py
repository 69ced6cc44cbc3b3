"""Tax ids of whole columns as evidence: the columnar form of ``record.tax_evidence``, as its lenient callers use it.

Valid ones and plainly broken CPFs are read in compiled loops: a broken one took the scalar functions 20 µs, three times
what all of an ordinary record takes. What is left to them is masked, padded or odd.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.model.answer import Repair
from bureau.model.query import Kind
from bureau.normalise.columns import is_valid, text_bytes
from bureau.normalise.documents import tax_ids
from bureau.normalise.neighbours import near_cpfs
from bureau.normalise.record import tax_evidence
from bureau.normalise.tax_id_digits import plain_tax_ids

_CPF = r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"
# What needs no repair if its check digits are right.
_WHOLE = {
    Kind.PERSON: rf"^ *{_CPF} *$",
    Kind.COMPANY: r"^ *[0-9A-Za-z]{2}\.?[0-9A-Za-z]{3}\.?[0-9A-Za-z]{3}/?[0-9A-Za-z]{4}-?[0-9]{2} *$",
}
# A digit wrong or two exchanged, one missing, one too many; behind a zero the twelfth may be padding.
_BROKEN_CPF = rf"^(?:{_CPF}|[0-9]{{10}}|[1-9][0-9]{{11}})$"


class TaxColumns(NamedTuple):
    """``model.canonical.TaxEvidence`` in columns: ``valid`` and ``visible`` are 0 where they do not speak, ``broken``
    rows have ``near[near_offsets[r]:near_offsets[r + 1]]``. ``rules`` are the repairs, as (row, rule)."""

    valid: NDArray[np.int64]
    visible: NDArray[np.int64]
    broken: NDArray[np.bool_]
    near_offsets: NDArray[np.int64]
    near: NDArray[np.int64]
    rules: list[tuple[int, str]]


def tax_columns(texts: pa.Array, kind: Kind) -> TaxColumns:
    """Read tax ids of records of one kind."""
    whole = pc.match_substring_regex(texts, _WHOLE[kind]).fill_null(False)
    valid = tax_ids(pc.if_else(whole, texts, None), kind.value).numbers
    visible, broken, rules = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.bool_), list[tuple[int, str]]()
    rows = np.flatnonzero((valid == 0) & is_valid(texts))
    typed = _broken_cpfs(texts.take(rows)) if kind is Kind.PERSON else np.zeros(len(rows), np.int64)
    broken[rows] = typed > 0
    offsets, near = near_cpfs(typed)
    odd_rows, odd_near = list[int](), list[int]()
    others = rows[typed == 0]
    for row, text in zip(others.tolist(), texts.take(others).to_pylist(), strict=True):
        repairs: list[Repair] = []
        evidence = tax_evidence(text, kind, repairs, lenient=True)
        rules.extend((row, repair.rule) for repair in repairs)
        if evidence:
            valid[row], visible[row] = evidence.valid or 0, evidence.visible or 0
            broken[row] = evidence.near is not None
            odd_near.extend(evidence.near or ())
            odd_rows.extend([row] * len(evidence.near or ()))
    row_of = np.concatenate([np.repeat(rows, np.diff(offsets)), np.array(odd_rows, np.int64)])
    near = np.concatenate([near, np.array(odd_near, np.int64)])[np.argsort(row_of, kind="stable")]
    near_offsets = np.concatenate([[0], np.cumsum(np.bincount(row_of, minlength=len(texts)))])
    return TaxColumns(valid, visible, broken, near_offsets, near, rules)


def _broken_cpfs(texts: pa.Array) -> NDArray[np.int64]:
    """Of texts that are no valid CPF those that are plainly a broken one, as :func:`near_cpfs` reads them; else 0."""
    plain = pc.and_(pc.match_substring_regex(texts, _BROKEN_CPF), pc.match_substring_regex(texts, "[1-9]"))
    digits = pc.replace_substring_regex(pc.if_else(plain, texts, None), "[.-]", "")
    padded, _, _ = plain_tax_ids(*text_bytes(digits), False)  # ten digits may lack nothing but their zero
    typed = pc.binary_join_element_wise("1", digits, "").cast(pa.int64()).fill_null(0).to_numpy()
    return np.where(padded == 0, typed, 0)
