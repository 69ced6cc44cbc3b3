"""The record being looked for, prepared for the compiled loops, one row a query."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.matching.blocking import PHONE
from bureau.matching.layout import TOKEN_BYTES

NO_TAX = 0
VALID_TAX = 1
BROKEN_TAX = 2  # fails its check digits; only ``near`` speaks
MASKED_TAX = 3  # only six digits visible
DOUBTED_TAX = 4  # linking refused it, because name and birth date contradicted its holder's; ``near`` is itself


FIRST_MOBILE = 10_000_000_000  # national numbers of mobiles have eleven digits, of landlines ten
LANDLINE = 0  # in ``claim_recipe``: a phone that belongs to a home or an office


class Subjects(NamedTuple):
    """Q prepared queries.

    ``rows`` has the layout of a record (``bureau.matching.layout``); its token ids are vocabulary rows, or
    V + 1 + j for row j of the ``unknown`` arrays: tokens the population never showed, numbered over the whole batch.
    ``near`` and ``claims`` are CSR lists: ``near[near_offsets[q]:near_offsets[q + 1]]`` are tax ids one error away,
    ``claims`` the keys of the phones and e-mails submitted, ``claim_recipe`` saying which: blocking's PHONE (a mobile)
    or EMAIL, or LANDLINE.
    ``alternative`` holds, for an unknown first or last token, sounds of known tokens an edit away (0 = none).
    """

    rows: NDArray[np.int32]  # (Q, 16)
    unknown_letters: NDArray[np.uint8]  # (U, 16)
    unknown_length: NDArray[np.uint8]
    unknown_sound: NDArray[np.uint32]
    tax_state: NDArray[np.uint8]  # (Q,)
    tax_id: NDArray[np.int64]  # (Q,) of VALID_TAX; the six visible digits of MASKED_TAX
    near_offsets: NDArray[np.int32]  # (Q + 1,)
    near: NDArray[np.int64]
    claim_offsets: NDArray[np.int32]  # (Q + 1,)
    claims: NDArray[np.uint64]
    claim_recipe: NDArray[np.uint8]


def phone_recipes(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """The ``claim_recipe`` of each national number."""
    return np.where(numbers >= FIRST_MOBILE, PHONE, LANDLINE).astype(np.uint8)


def known_subjects(records: NDArray[np.int32]) -> Subjects:
    """Records of a register as queries for it (their tokens are its vocabulary's), without tax ids and contacts."""
    count, letter, number = len(records), np.zeros(0, np.uint8), np.zeros(0, np.int64)
    return Subjects(
        records,
        np.zeros((0, TOKEN_BYTES), np.uint8),
        letter,
        np.zeros(0, np.uint32),
        np.full(count, NO_TAX, np.uint8),
        np.zeros(count, np.int64),
        np.zeros(count + 1, np.int32),
        number,
        np.zeros(count + 1, np.int32),
        np.zeros(0, np.uint64),
        letter,
    )
