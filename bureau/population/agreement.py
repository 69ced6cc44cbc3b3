"""When two source rows agree and when they contradict each other; the vocabulary of ``link``."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import inlined
from bureau.normalise.neighbours import is_slip


class Evidence(NamedTuple):
    """What linking looks at, by row; see ``rows.Rows`` and ``rows.Names``. ``sound`` is by token."""

    tax_id: NDArray[np.int64]
    seen: NDArray[np.int32]
    content: NDArray[np.int32]
    suffix: NDArray[np.uint8]
    date: NDArray[np.int32]
    alias: NDArray[np.int32]
    postal_code: NDArray[np.int32]
    phone_ends: NDArray[np.int64]
    phones: NDArray[np.int64]
    email_ends: NDArray[np.int64]
    emails: NDArray[np.uint32]
    broken: NDArray[np.int64]  # may be empty
    sound: NDArray[np.uint32]


@inlined
def shared_sounds(a: NDArray[np.int32], b: NDArray[np.int32], sound: NDArray[np.uint32]) -> tuple[int, int]:
    """(tokens of a and b that sound alike, each used once; tokens of the shorter)."""
    used, shared, count_a, count_b = 0, 0, 0, 0
    for i in range(len(a)):
        count_a += a[i] != 0
    for j in range(len(b)):
        count_b += b[j] != 0
    for i in range(count_a):
        for j in range(count_b):
            if (used >> j) & 1 == 0 and sound[a[i]] == sound[b[j]]:
                used |= 1 << j
                shared += 1
                break
    return shared, min(count_a, count_b)


@inlined
def contradict(a: NDArray[np.int32], b: NDArray[np.int32], sound: NDArray[np.uint32]) -> bool:
    """Whether two known names share fewer than two tokens (or than the shorter one has)."""
    shared, shorter = shared_sounds(a, b, sound)
    return bool(shared < min(2, shorter))


@inlined
def corroborated(e: Evidence, i: int, j: int) -> bool:
    """Whether mother (two tokens), postal code, a phone, an e-mail or a broken tax id of two rows agree."""
    return bool(e.postal_code[i] != 0 and e.postal_code[i] == e.postal_code[j]) or personally_corroborated(e, i, j)


@inlined
def personally_corroborated(e: Evidence, i: int, j: int) -> bool:
    """As :func:`corroborated`, without the place: a father of the same name lives there too."""
    shared, _ = shared_sounds(e.alias[i], e.alias[j], e.sound)
    if shared >= 2 or same_number(e, i, j):
        return True
    for a in range(e.phone_ends[i - 1] if i else 0, e.phone_ends[i]):
        for b in range(e.phone_ends[j - 1] if j else 0, e.phone_ends[j]):
            if e.phones[a] == e.phones[b] and e.phones[a] != 0:
                return True
    for a in range(e.email_ends[i - 1] if i else 0, e.email_ends[i]):
        for b in range(e.email_ends[j - 1] if j else 0, e.email_ends[j]):
            if e.emails[a] == e.emails[b] and e.emails[a] != 0:
                return True
    return False


@inlined
def same_number(e: Evidence, i: int, j: int) -> bool:
    """Whether two rows carry the same broken tax id, or one the tax id that the other's is a slip of."""
    if len(e.broken) == 0 or (e.broken[i] == 0 and e.broken[j] == 0):
        return False
    if e.broken[i] == e.broken[j]:
        return True
    if e.broken[i] == 0:
        i, j = j, i
    return bool(is_slip(e.broken[i], e.tax_id[j]))


@inlined
def different_people(e: Evidence, i: int, j: int) -> bool:
    """Whether name and birth date both contradict."""
    dates_differ = e.date[i] != 0 and e.date[j] != 0 and e.date[i] != e.date[j]
    return bool(dates_differ and contradict(e.content[i], e.content[j], e.sound))
