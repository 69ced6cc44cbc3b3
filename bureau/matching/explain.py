"""Words behind the arrays: what a register knows, for the reference rules and for explanations."""

from collections.abc import Mapping, Sequence

import numpy as np

from bureau.matching.blocking import whole_name_key
from bureau.matching.claim_keys import email_key, phone_key
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    ENTITY,
    FLAGS,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    NO_TAX_ID,
    POSTAL_CODE,
    Register,
)
from bureau.matching.reference import Found
from bureau.matching.retrieve import block_sizes, count_homonyms
from bureau.matching.statistics import FIRST_YEAR, YEARS, Statistics
from bureau.matching.tokens import is_given_name
from bureau.normalise.names import sound_code


class RegisterKnowledge:
    """The ``Knowledge`` of the reference rules, read from a register's own arrays."""

    def __init__(self, register: Register, statistics: Statistics, token_ids: Mapping[str, int]) -> None:
        self.entities = max(statistics.entities, 1)
        self._register = register
        self._statistics = statistics
        self._ids = token_ids

    def first_bits(self, token: str) -> float | None:
        row = self._ids.get(token)
        return None if row is None else float(self._statistics.first_bits[row])

    def other_bits(self, token: str) -> float | None:
        row = self._ids.get(token)
        return None if row is None else float(self._statistics.other_bits[row])

    def date_bits(self, date: int) -> float:
        return float(self._statistics.year_bits[min(max(date // 10000 - FIRST_YEAR, 0), YEARS - 1)])

    def city_bits(self, municipality: int) -> float:
        return float(self._statistics.city_bits[municipality])

    def postal_bits(self, postal_code: int) -> float:
        codes = self._statistics.postal_codes
        place = int(np.searchsorted(codes, postal_code))
        found = place < len(codes) and int(codes[place]) == postal_code
        return float(self._statistics.postal_bits[place]) if found else 0.0

    def homonyms(self, name: Sequence[str]) -> int:
        sounds = np.array([sound_code(token) for token in name], np.uint32)
        return count_homonyms(self._register, np.uint64(whole_name_key(sounds, len(sounds))))

    def share_of_women(self, first_name: str) -> float:
        return float(self._statistics.women[self._ids[first_name]])

    def is_given_name(self, token: str) -> bool:
        vocabulary, row = self._register.vocabulary, self._ids.get(token, 0)
        return bool(is_given_name(vocabulary.as_first[row], vocabulary.as_other[row]))

    def claimants(self, contact: int | str) -> int:
        return self._size(phone_key(contact) if isinstance(contact, int) else email_key(contact))

    def state(self, municipality: int) -> int:
        return int(self._statistics.state_of[municipality])

    def _size(self, key: int) -> int:
        return int(block_sizes(self._register.blocks, np.array([key], np.uint64))[0])


def found_record(
    register: Register, tokens: Sequence[str], record: int, phones: frozenset[int], emails: frozenset[str]
) -> Found:
    """One record in words; ``tokens`` are the vocabulary's texts, ``phones`` and ``emails`` its entity's claims."""
    row = [int(value) for value in register.records[record]]
    entity = int(register.records[record, ENTITY])
    tax_id = int(register.tax_id[entity])
    flags, cities = row[FLAGS] & 0xFFFFFFFF, row[MUNICIPALITY] & 0xFFFFFFFF
    return Found(
        name=tuple(tokens[t] for t in row[NAME : NAME + NAME_TOKENS] if t),
        mother=tuple(tokens[t] for t in row[ALIAS : ALIAS + ALIAS_TOKENS] if t),
        suffix=flags & 0xFF,
        date=row[DATE],
        sex=flags >> 8 & 3,
        places=((cities & 0xFFFF, row[POSTAL_CODE]), (cities >> 16, row[POSTAL_CODE + 1])),
        house=flags >> 16,
        tax_id=None if tax_id == NO_TAX_ID else tax_id,
        phones=phones,
        emails=emails,
    )
