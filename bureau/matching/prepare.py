"""Canonical records → the arrays of ``subject.Subjects``: from Structs, and from whole columns (a test holds the two
equal, but for the numbers that unknown tokens get)."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.matching.blocking import EMAIL, PHONE, claim_keys, text_hashes
from bureau.matching.claim_keys import email_key, phone_key
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
from bureau.matching.subject import (
    BROKEN_TAX,
    FIRST_MOBILE,
    LANDLINE,
    MASKED_TAX,
    NO_TAX,
    VALID_TAX,
    Subjects,
    phone_recipes,
)
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.normalise.columns import is_valid, text_bytes
from bureau.normalise.name_columns import Words
from bureau.normalise.names import sound_code
from bureau.normalise.record_columns import CanonicalColumns, read_per_row


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


class UnknownTokens:
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
    unknown = UnknownTokens(token_ids)
    rows = np.zeros((len(records), WIDTH), np.int32)
    near_offsets, near = [0], list[int]()
    claim_offsets, claims, recipes = [0], list[int](), list[int]()
    tax = [tax_of(record.tax, near) for record in records]
    for i, record in enumerate(records):
        rows[i] = row_of(record, unknown)
        claims.extend([phone_key(number) for _, number in record.phones])
        claims.extend([email_key(address) for _, address in record.emails])
        recipes.extend([PHONE if number >= FIRST_MOBILE else LANDLINE for _, number in record.phones])
        recipes.extend([EMAIL] * len(record.emails))
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


def row_of(record: CanonicalRecord, unknown: UnknownTokens) -> list[int]:
    """A record's row, its unknown tokens numbered by ``unknown``."""
    row = [0] * WIDTH
    name, alias = name_tokens(record.name), alias_tokens(record.mother)
    row[NAME : NAME + len(name)] = unknown.ids(name)
    row[ALIAS : ALIAS + len(alias)] = unknown.ids(alias)
    row[DATE], row[POSTAL_CODE], row[MUNICIPALITY] = record.date, record.postal_code, record.municipality
    flags = record.suffix | record.sex << 8 | record.house << 16
    row[FLAGS] = flags - (1 << 32) if flags >> 31 else flags  # the top bit of the house number is the sign
    return row


def tax_of(tax: TaxEvidence | None, near: list[int]) -> tuple[int, int]:
    """State and value of a tax id; the ids near a broken one join ``near``."""
    if tax is None:
        return NO_TAX, 0
    if tax.valid is not None:
        return VALID_TAX, tax.valid
    if tax.visible is not None:
        return MASKED_TAX, tax.visible
    near.extend(tax.near or ())
    return BROKEN_TAX, 0


def column_subjects(columns: CanonicalColumns, token_ids: Mapping[str, int]) -> Subjects:
    """:func:`subjects` of whole columns."""
    unknown, tax = UnknownTokens(token_ids), columns.tax
    rows = np.zeros((len(columns.date), WIDTH), np.int32)
    counts = np.diff(columns.name.offsets)
    last = np.where(counts > NAME_TOKENS, counts, NAME_TOKENS) - 1
    _fill_tokens(rows[:, NAME : NAME + NAME_TOKENS], columns.name, [*range(NAME_TOKENS - 1), last], unknown)
    counts = np.diff(columns.mother.offsets)
    skipped = np.maximum(counts - ALIAS_TOKENS, 0)
    places = [0, *(skipped + place for place in range(1, ALIAS_TOKENS))]
    _fill_tokens(rows[:, ALIAS : ALIAS + ALIAS_TOKENS], columns.mother, places, unknown)
    rows[:, DATE], rows[:, POSTAL_CODE], rows[:, MUNICIPALITY] = columns.date, columns.postal_code, columns.municipality
    rows[:, FLAGS] = columns.suffix | columns.sex << 8 | columns.house << 16
    state = np.select([tax.valid != 0, tax.visible != 0, tax.broken], [VALID_TAX, MASKED_TAX, BROKEN_TAX], NO_TAX)
    return Subjects(
        rows,
        *_spelled(unknown.tokens),
        state.astype(np.uint8),
        np.where(state == VALID_TAX, tax.valid, tax.visible),
        tax.near_offsets.astype(np.int32),
        tax.near,
        *_claims(columns),
    )


def _fill_tokens(
    slots: NDArray[np.int32], words: Words, places: Sequence[int | NDArray[np.int64]], unknown: UnknownTokens
) -> None:
    """Each column of ``slots`` gets the token at its place in the name, as far as the name reaches."""
    counts = np.diff(words.offsets)
    ids, used = np.zeros(len(words.dictionary), np.int32), np.zeros(len(words.dictionary), np.bool_)
    reached = [counts > place for place in places]
    codes = [words.codes[(words.offsets[:-1] + place)[held]] for place, held in zip(places, reached, strict=True)]
    for some in codes:
        used[some] = True
    ids[used] = unknown.ids([words.dictionary[code] for code in np.flatnonzero(used).tolist()])
    for slot, (some, held) in enumerate(zip(codes, reached, strict=True)):
        slots[held, slot] = ids[some]


def _claims(columns: CanonicalColumns) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.uint8]]:
    """Offsets, keys and recipes of the phones, then the e-mails of each row."""
    phones, emails = columns.phones, columns.emails
    called = phones.numbers > 0
    data, bounds = text_bytes(emails.addresses.drop_null())
    keys = [
        claim_keys(phones.numbers[called].astype(np.uint64), PHONE),
        claim_keys(text_hashes(bounds.astype(np.int64), data), EMAIL),
    ]
    rows = [
        np.repeat(np.arange(len(columns.date)), read_per_row(phones.offsets, called)),
        np.repeat(np.arange(len(columns.date)), read_per_row(emails.offsets, is_valid(emails.addresses))),
    ]
    recipes = np.concatenate([phone_recipes(phones.numbers[called]), np.full(len(keys[1]), EMAIL, np.uint8)])
    order = np.argsort(np.concatenate(rows), kind="stable")
    counts = np.bincount(np.concatenate(rows), minlength=len(columns.date))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return offsets, np.concatenate(keys)[order], recipes[order]


def _spelled(tokens: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    letters = np.zeros((len(tokens), TOKEN_BYTES), np.uint8)
    for i, token in enumerate(tokens):
        spelled = token.encode()[:TOKEN_BYTES]
        letters[i, : len(spelled)] = list(spelled)
    length = np.array([min(len(token), TOKEN_BYTES) for token in tokens], np.uint8)
    return letters, length, np.array([sound_code(token) for token in tokens], np.uint32)
