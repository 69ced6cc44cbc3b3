"""The first three contacts of every row of a table, in arrays: the columnar form of ``contacts.emails_of`` and
``contacts.phones_of`` as far as flat columns show them (a test holds both equal)."""

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.contacts.ranking import Batch, Parameters, top_three
from bureau.enrich.columns import SHOWN
from bureau.normalise.columns import text_bytes
from bureau.normalise.record_columns import Emails, Phones


class Claims(NamedTuple):
    """CLAIM rows; those of entity e are ``rows[offsets[e]:offsets[e + 1]]``."""

    rows: NDArray[Any]
    offsets: NDArray[Any]


class Heap(NamedTuple):
    """The snapshot's texts: text t is ``data[offsets[t]:offsets[t + 1]]``."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]


class Sent(NamedTuple):
    """Contacts as the client sent them; those of row r are pieces ``offsets[r]..offsets[r + 1]``.

    ``identity`` is the same number for the same contact, -1 for what cannot be read; ``claimed`` the claim value of
    the row's entity that it is, -1 when the entity does not claim it.
    """

    offsets: NDArray[np.int64]
    identity: NDArray[np.int64]
    claimed: NDArray[np.int64]


class Shown(NamedTuple):
    """Contacts that are shown, in no order: ``slots`` are row * 3 + rank - 1. The first ``len(claims)`` come from the
    population (rows of its claims), the others are the client's pieces. ``known`` says that the client sent it."""

    slots: NDArray[np.int64]
    claims: NDArray[np.int64]
    pieces: NDArray[np.int64]
    known: NDArray[np.bool_]

    def only(self, rows: NDArray[np.bool_]) -> "Shown":
        """The contacts of some rows."""
        kept = rows[self.slots // SHOWN]
        held = len(self.claims)
        return Shown(self.slots[kept], self.claims[kept[:held]], self.pieces[kept[held:]], self.known[kept])


def sent_phones(phones: Phones, claims: Claims) -> Sent:
    """The phones sent, beside those that the row's entity and its linked companies claim (see ``column_linked``)."""
    identity = np.where(phones.numbers > 0, phones.numbers, -1)
    claimed = np.full(len(identity), -1, np.int64)
    _claimed_phones(phones.offsets, identity, claims, claimed)
    return Sent(phones.offsets, identity, claimed)


def sent_emails(emails: Emails, claims: Claims, heap: Heap) -> Sent:
    """Likewise for e-mails."""
    identity = emails.addresses.dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    claimed = np.full(len(identity), -1, np.int64)
    data, offsets = text_bytes(emails.addresses)
    _claimed_emails(emails.offsets, Heap(data, offsets.astype(np.int64)), claims, heap, claimed)
    return Sent(emails.offsets, identity, claimed)


def choose(claims: Claims, sent: Sent, area_codes: NDArray[np.int64], parameters: Parameters) -> Shown:
    """The three contacts of each row that come first: the entity's by rank, then its linked companies', then what only
    the client knows, then what cannot be read. ``claims`` are as ``column_linked.held_claims`` makes them."""
    known, rows = _known(sent, len(area_codes)), 2 * np.arange(len(area_codes))
    best, _ = top_three(claims.rows, claims.offsets, Batch(rows, area_codes, known), parameters)
    others = np.flatnonzero(claims.offsets[rows + 2] > claims.offsets[rows + 1])
    if len(others):
        batch = Batch(rows[others] + 1, area_codes[others], known[others])
        linked, _ = top_three(claims.rows, claims.offsets, batch, msgspec.structs.replace(parameters, linked=True))
        joined = np.concatenate([best[others], linked], axis=1)
        first = np.argsort(joined < 0, axis=1, kind="stable")[:, :SHOWN]
        best[others] = np.take_along_axis(joined, first, axis=1)
    pieces = np.full_like(best, -1)
    _fill_up(best, sent, pieces)
    held, own = np.flatnonzero(best >= 0), np.flatnonzero(pieces >= 0)
    chosen = best.ravel()[held]
    is_known = (known[held // SHOWN] == claims.rows["value"][chosen][:, None]).any(1)
    everything = np.concatenate([is_known, np.ones(len(own), np.bool_)])
    return Shown(np.concatenate([held, own]), chosen, pieces.ravel()[own], everything)


def _known(sent: Sent, rows: int) -> NDArray[np.int64]:
    """(rows, k): the claim values each row came with, each once, padded with -1."""
    pieces = np.flatnonzero(sent.claimed >= 0)
    owner = np.searchsorted(sent.offsets, pieces, side="right") - 1
    pairs = np.unique(np.stack([owner, sent.claimed[pieces]]), axis=1)
    first = np.searchsorted(pairs[0], pairs[0])
    place = np.arange(pairs.shape[1]) - first
    known = np.full((rows, int(place.max(initial=-1)) + 1), -1, np.int64)
    known[pairs[0], place] = pairs[1]
    return known


@compiled
def _claimed_phones(
    offsets: NDArray[np.int64],
    identity: NDArray[np.int64],
    claims: Claims,
    claimed: NDArray[np.int64],
) -> None:
    for row in range(len(offsets) - 1):
        start, end = np.int64(claims.offsets[2 * row]), np.int64(claims.offsets[2 * row + 2])
        for piece in range(offsets[row], offsets[row + 1]):
            for claim in range(start, end):
                if claims.rows[claim].value == identity[piece]:
                    claimed[piece] = identity[piece]


@compiled
def _claimed_emails(
    offsets: NDArray[np.int64],
    addresses: Heap,
    claims: Claims,
    heap: Heap,
    claimed: NDArray[np.int64],
) -> None:
    for row in range(len(offsets) - 1):
        start, end = np.int64(claims.offsets[2 * row]), np.int64(claims.offsets[2 * row + 2])
        for piece in range(offsets[row], offsets[row + 1]):
            for claim in range(start, end):
                text = claims.rows[claim].value
                if _same_text(addresses, piece, heap, text):
                    claimed[piece] = text


@compiled
def _same_text(one: Heap, row: int, other: Heap, other_row: int) -> bool:
    """Equal and not empty: a piece that could not be read has the empty text."""
    start, other_start = one.offsets[row], other.offsets[other_row]
    length = one.offsets[row + 1] - start
    if length == 0 or length != other.offsets[other_row + 1] - other_start:
        return False
    same = True
    for place in range(length):
        if one.data[start + place] != other.data[other_start + place]:
            same = False
            break
    return same


@compiled
def _fill_up(best: NDArray[np.int64], sent: Sent, pieces: NDArray[np.int64]) -> None:
    """Slots that the entity's claims leave free get the client's own pieces: first the readable, each once."""
    for row in range(len(best)):
        slot = 0
        while slot < SHOWN and best[row, slot] >= 0:
            slot += 1
        for readable in (True, False):
            for piece in range(sent.offsets[row], sent.offsets[row + 1]):
                if slot == SHOWN:
                    break
                if (sent.identity[piece] >= 0) != readable or sent.claimed[piece] >= 0:
                    continue
                repeated = False
                for earlier in range(slot):
                    other = pieces[row, earlier]
                    repeated = repeated or (readable and other >= 0 and sent.identity[other] == sent.identity[piece])
                if not repeated:
                    pieces[row, slot] = piece
                    slot += 1
