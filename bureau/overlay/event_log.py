"""Events taken in: each once, and with it what its contact now is, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from bureau.deliverability.email.syntax import Address, parse
from bureau.ids import ClientId, EntityId
from bureau.overlay.events import Event, Kind, out_of_time
from bureau.overlay.fingerprints import Fingerprint, Fingerprints
from bureau.overlay.standing import Happened, Standing, shown_to_all, standings
from bureau.store import Row, Store, Transaction

_OUTCOMES = {Kind.DELIVERED: False, Kind.ENGAGED: False, Kind.HARD_BOUNCE: True}
"""Kinds that prove a verdict right or wrong: whether it bounced."""
_LARGEST = 1_000  # events a transaction: others wait for its lock


class Recorded(msgspec.Struct, frozen=True):
    """``unusable`` events name no contact that could be one, or no time; ``duplicates`` were reported before."""

    accepted: int
    duplicates: int
    unusable: int


class EventLog:
    """Writes events; what they change is in every process within a second (``standing_ring``)."""

    def __init__(self, store: Store, fingerprints: Fingerprints) -> None:
        self._store = store
        self._fingerprints = fingerprints

    async def record(self, client: ClientId, events: Sequence[Event]) -> Recorded:
        """Durable when this returns; may be sent again whatever happened. Raises ``StoreUnavailable``."""
        now = datetime.now(UTC)
        timely = (event for event in events if not out_of_time(event.happened_at, now))
        usable = [(event, contact) for event in timely if (contact := self.contact_of(event))]
        accepted = 0
        for start in range(0, len(usable), _LARGEST):
            accepted += await self._record(client, usable[start : start + _LARGEST])
        return Recorded(accepted, len(usable) - accepted, len(events) - len(usable))

    def contact_of(self, event: Event) -> Fingerprint | None:
        """Whose event it is; ``None`` if it names nobody."""
        return self._fingerprint(event.phone if event.phone is not None else event.email or "")

    async def reported(self, contacts: Sequence[str | int]) -> list[list[Happened]]:
        """What was reported of each contact (an e-mail, or a national number), oldest first. Raises
        ``StoreUnavailable``."""
        found = [self._fingerprint(contact) for contact in contacts]
        rows = await self._store.fetch("events.of_contacts", sorted({one for one in found if one}))
        events = _by_contact(rows)
        return [sorted(events.get(one or b"", ()), key=lambda event: event.at) for one in found]

    def _fingerprint(self, contact: str | int) -> Fingerprint | None:
        if isinstance(contact, int):
            return self._fingerprints.phone(contact)
        address = parse(contact)
        return self._fingerprints.email(address) if isinstance(address, Address) else None

    async def _record(self, client: ClientId, events: Sequence[tuple[Event, Fingerprint]]) -> int:
        async with self._store.transaction() as transaction:
            await transaction.fetch("events.lock")
            new = await transaction.fetch("events.add", *_columns(client, events))
            contacts = sorted({row["contact"] for row in new})
            if contacts:
                await self._add_up(transaction, contacts)
                await _count(transaction, new)
        return len(new)

    async def _add_up(self, transaction: Transaction, contacts: Sequence[bytes]) -> None:
        events = _by_contact(await transaction.fetch("events.of_contacts", contacts))
        found = dict(self._stand(events.items()))
        now = datetime.now(UTC)
        reasons = [standing.reason if standing else None for standing in found.values()]
        since = [standing.since if standing else now for standing in found.values()]
        await transaction.fetch("events.stand", list(found), reasons, since)

    def _stand(
        self, events: Iterable[tuple[bytes, Sequence[Happened]]]
    ) -> Iterator[tuple[Fingerprint, Standing | None]]:
        """By the fingerprint under which each standing is looked up."""
        for of, happened in events:
            contact, found = Fingerprint(of), standings(happened)
            yield contact, shown_to_all(found)
            for client, standing in found.for_clients.items():
                yield self._fingerprints.for_client(contact, client), standing
            for entity, standing in found.for_entities.items():
                yield self._fingerprints.for_entity(contact, entity), standing


def _by_contact(rows: Iterable[Row]) -> dict[bytes, list[Happened]]:
    events: dict[bytes, list[Happened]] = defaultdict(list)
    for row in rows:
        entity = EntityId(row["entity_id"]) if row["entity_id"] else None
        happened = Happened(Kind(row["kind"]), row["happened_at"], ClientId(row["client"]), entity)
        events[row["contact"]].append(happened)
    return events


def _columns(client: ClientId, events: Sequence[tuple[Event, Fingerprint]]) -> list[list[Any]]:
    """The arguments of ``events.add``."""
    first = {(event.source, event.event_id): (event, contact) for event, contact in reversed(events)}
    rows = [
        (client, e.source, e.event_id, contact, e.kind.value, e.code, e.entity_id, e.happened_at)
        for e, contact in first.values()
    ]
    return [list(column) for column in zip(*rows, strict=True)]


async def _count(transaction: Transaction, new: Sequence[Row]) -> None:
    """Hold the verdicts that were told against what became of them."""
    outcomes = [(row["contact"], _OUTCOMES[Kind(row["kind"])]) for row in new if Kind(row["kind"]) in _OUTCOMES]
    if outcomes:
        await transaction.fetch("events.count_outcomes", *map(list, zip(*outcomes, strict=True)))
