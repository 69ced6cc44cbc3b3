"""Small registers made from canonical records: the arrays of a snapshot without a builder."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
import pytest

from bureau.matching import blocking
from bureau.matching.layout import NO_TAX_ID, BlockIndex, Register, Vocabulary
from bureau.matching.model import Model
from bureau.matching.neighbours import neighbour_index
from bureau.matching.prepare import alias_tokens, name_tokens, subjects
from bureau.matching.search import Target
from bureau.matching.statistics import PLACES, count, statistics
from bureau.matching.weights import weights
from bureau.model.canonical import CanonicalRecord
from bureau.normalise.names import sound_code
from bureau.reference.names import shares_of_women
from bureau.reference.places import municipalities


class SmallRegister:
    """A register of one record an entity, and what tests need beside it."""

    def __init__(self, people: Sequence[CanonicalRecord]) -> None:
        people = sorted(_one_tax_id_each(people), key=lambda p: p.tax.valid if p.tax else NO_TAX_ID)
        self.people = people
        self.token_ids, vocabulary = _vocabulary(people)
        self.tokens = ["", *self.token_ids]
        prepared = subjects(people, self.token_ids)
        records = prepared.rows.copy()
        records[:, 10] = np.arange(len(people))
        tax = np.array([p.tax.valid if p.tax else NO_TAX_ID for p in people], np.int64)
        first = np.arange(len(people) + 1, dtype=np.uint32)
        keys, numbers = blocking.record_keys(records, tax, vocabulary, people=True)
        claimed = np.repeat(np.arange(len(people), dtype=np.uint32), np.diff(prepared.claim_offsets))
        blocks = index(np.concatenate([keys, prepared.claims]), np.concatenate([numbers, claimed]))
        self.register = Register(records, first, tax, vocabulary, neighbour_index(vocabulary), blocks)
        states = {s: i for i, s in enumerate(sorted({m.state for m in municipalities()}), 1)}
        state_of = np.zeros(PLACES, np.uint8)
        state_of[1 : len(municipalities()) + 1] = [states[m.state] for m in municipalities()]
        self.statistics = statistics(tax, vocabulary, count(records), state_of, shares_of_women(vocabulary.letters))

    def target(self, model: Model) -> Target:
        return Target(self.register, self.statistics, weights(model, self.statistics))


def _one_tax_id_each(people: Sequence[CanonicalRecord]) -> Iterator[CanonicalRecord]:
    seen: set[int] = set()
    for person in people:
        if person.tax and person.tax.valid in seen:
            yield msgspec.structs.replace(person, tax=None)
        else:
            seen.update([person.tax.valid] if person.tax else [])
            yield person


def _vocabulary(people: Sequence[CanonicalRecord]) -> tuple[dict[str, int], Vocabulary]:
    first = Counter(p.name[0] for p in people if p.name)
    other = Counter(t for p in people for t in name_tokens(p.name)[1:])
    seen = first + other + Counter(t for p in people for t in alias_tokens(p.mother))
    ids = {token: i for i, (token, _) in enumerate(seen.most_common(), 1)}
    letters = np.zeros((len(ids) + 1, 16), np.uint8)
    for token, i in ids.items():
        letters[i, : min(len(token), 16)] = list(token.encode()[:16])
    return ids, Vocabulary(
        letters,
        np.array([0, *(min(len(t), 16) for t in ids)], np.uint8),
        np.array([0, *(sound_code(t) for t in ids)], np.uint32),
        np.array([0, *(first[t] for t in ids)], np.uint32),
        np.array([0, *(other[t] for t in ids)], np.uint32),
    )


def index(keys: np.ndarray, numbers: np.ndarray, bits: int = 6) -> BlockIndex:
    """A block index the obvious way."""
    filed: dict[int, set[int]] = {}
    for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
        filed.setdefault(key, set()).add(number)
    ordered = sorted(filed, key=lambda key: (key >> (64 - bits), key & 0xFFFFFFFF))
    slots = Counter(key >> (64 - bits) for key in ordered)
    return BlockIndex(
        np.cumsum([0, *(slots[s] for s in range(1 << bits))]).astype(np.uint32),
        np.array([key & 0xFFFFFFFF for key in ordered], np.uint32),
        np.cumsum([0, *(len(filed[key]) for key in ordered)]).astype(np.uint32),
        np.array([n for key in ordered for n in sorted(filed[key])], np.uint32),
    )


@pytest.fixture(scope="session")
def small_register() -> Callable[[Sequence[CanonicalRecord]], SmallRegister]:
    return SmallRegister
