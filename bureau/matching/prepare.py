"""Canonical records → the arrays of ``subject.Subjects``."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from bureau.matching.blocking import EMAIL, PHONE, email_key, phone_key
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    FLAGS,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    POSTAL_CODE,
    TOKEN_BYTES,
    WIDTH,
)
from bureau.matching.subject import BROKEN_TAX, MASKED_TAX, NO_TAX, VALID_TAX, Subjects
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.normalise.names import sound_code


def name_tokens(content: Sequence[str]) -> Sequence[str]:
    """The content tokens a record has room for: of longer names the first five and the last."""
    return content if len(content) <= NAME_TOKENS else (*content[: NAME_TOKENS - 1], content[-1])


def alias_tokens(content: Sequence[str]) -> Sequence[str]:
    """Of a mother's name the first token and the last three."""
    return content if len(content) <= ALIAS_TOKENS else (content[0], *content[1 - ALIAS_TOKENS :])


def compared(record: CanonicalRecord) -> CanonicalRecord:
    """The record with only the tokens that are compared."""
    name, mother = tuple(name_tokens(record.name)), tuple(alias_tokens(record.mother))
    return msgspec.structs.replace(record, name=name, mother=mother)


class _Unknown:
    """Tokens the population never showed, numbered after the vocabulary."""

    def __init__(self, token_ids: Mapping[str, int]) -> None:
        self._known = token_ids
        self._next = len(token_ids) + 1
        self.tokens: dict[str, int] = {}

    def ids(self, tokens: Sequence[str]) -> list[int]:
        known, new = self._known, self.tokens
        return [known.get(token) or new.setdefault(token, self._next + len(new)) for token in tokens]


def subjects(records: Sequence[CanonicalRecord], token_ids: Mapping[str, int]) -> Subjects:
    """Prepare a batch; ``token_ids`` is the register's vocabulary, ids 1..V."""
    unknown = _Unknown(token_ids)
    rows = np.zeros((len(records), WIDTH), np.int32)
    near_offsets, near = [0], list[int]()
    claim_offsets, claims, recipes = [0], list[int](), list[int]()
    tax = [_tax(record.tax, near) for record in records]
    for i, record in enumerate(records):
        rows[i] = _row(record, unknown)
        claims.extend([phone_key(number) for _, number in record.phones])
        claims.extend([email_key(address) for _, address in record.emails])
        recipes.extend([PHONE] * len(record.phones) + [EMAIL] * len(record.emails))
        claim_offsets.append(len(claims))
    for record in records:
        near_offsets.append(near_offsets[-1] + len(record.tax.near or () if record.tax else ()))
    return Subjects(
        rows,
        *_spelled(unknown.tokens),
        np.array([state for state, _ in tax], np.uint8),
        np.array([number for _, number in tax], np.int64),
        np.array(near_offsets, np.int32),
        np.array(near, np.int64),
        np.array(claim_offsets, np.int32),
        np.array(claims, np.uint64),
        np.array(recipes, np.uint8),
    )


def _row(record: CanonicalRecord, unknown: _Unknown) -> list[int]:
    row = [0] * WIDTH
    name, alias = name_tokens(record.name), alias_tokens(record.mother)
    row[NAME : NAME + len(name)] = unknown.ids(name)
    row[ALIAS : ALIAS + len(alias)] = unknown.ids(alias)
    row[DATE], row[POSTAL_CODE], row[MUNICIPALITY] = record.date, record.postal_code, record.municipality
    flags = record.suffix | record.sex << 8 | record.house << 16
    row[FLAGS] = flags - (1 << 32) if flags >> 31 else flags  # the top bit of the house number is the sign
    return row


def _tax(tax: TaxEvidence | None, near: list[int]) -> tuple[int, int]:
    if tax is None:
        return NO_TAX, 0
    if tax.valid is not None:
        return VALID_TAX, tax.valid
    if tax.visible is not None:
        return MASKED_TAX, tax.visible
    near.extend(tax.near or ())
    return BROKEN_TAX, 0


def _spelled(tokens: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    letters = np.zeros((len(tokens), TOKEN_BYTES), np.uint8)
    for i, token in enumerate(tokens):
        spelled = token.encode()[:TOKEN_BYTES]
        letters[i, : len(spelled)] = list(spelled)
    length = np.array([min(len(token), TOKEN_BYTES) for token in tokens], np.uint8)
    return letters, length, np.array([sound_code(token) for token in tokens], np.uint32)
