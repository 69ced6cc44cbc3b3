"""What mail servers said of addresses, shared by processes and kept over restarts, by keyed hash."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.memory import Probing
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.email.verdict import Mailbox
from bureau.errors import BureauError
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.write_behind import WriteBehind
from bureau.store import Row, Store

PATIENCE_SECONDS = 1.0


class _Heard(NamedTuple):
    """A row of mailbox_evidence."""

    address: bytes
    reason: str
    is_catch_all: bool | None
    checked_at: datetime
    expires_at: datetime
    stage: str | None
    reply: str


class SharedMailboxes:
    """Probes through the database: what is known and still holds is not asked again."""

    def __init__(self, store: Store, fingerprints: Fingerprints, ask: Probing) -> None:
        self._store = store
        self._fingerprints = fingerprints
        self._ask = ask
        self._heard = WriteBehind[_Heard]("mailboxes", self._keep)

    async def probe(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        """As the prober's, in the order of ``addresses``."""
        hashes = [self._hash(address) for address in addresses]
        known = await self._known(hashes)
        unknown = [(a, h) for a, h in zip(addresses, hashes, strict=True) if h not in known]
        if unknown:
            fresh = await self._ask.probe(facts, [address for address, _ in unknown])
            known |= {of: mailbox for (_, of), mailbox in zip(unknown, fresh, strict=True)}
            self._heard.add(_rows({of: known[of] for _, of in unknown}))
        return [known[of] for of in hashes]

    async def drain(self) -> None:
        await self._heard.drain()

    def _hash(self, text: str) -> bytes:
        address = parse(text)
        return self._fingerprints.email(address) if isinstance(address, Address) else b""

    async def _known(self, hashes: Sequence[bytes]) -> dict[bytes, Mailbox]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                rows = await self._store.fetch("evidence.mailboxes", list(set(hashes)))
        except (BureauError, TimeoutError):
            return {}
        return {row["address"]: _mailbox(row) for row in rows if row["reason"] in _REASONS}

    async def _keep(self, heard: list[_Heard]) -> None:
        latest = {row.address: row for row in heard}
        await self._store.fetch("evidence.store_mailboxes", *map(list, zip(*latest.values(), strict=True)))


_REASONS = frozenset(reason.value for reason in Reason)  # a newer program may have written others


_STAGES = {stage.value: stage for stage in Stage}


def _mailbox(row: Row) -> Mailbox:
    stage = _STAGES.get(row["stage"] or "")
    return Mailbox(Reason(row["reason"]), row["is_catch_all"], row["checked_at"], stage, row["reply"])


def _rows(heard: dict[bytes, Mailbox]) -> list[_Heard]:
    """What is our own trouble says nothing to another process, which may have none."""
    now = datetime.now(UTC)
    return [
        _Heard(
            of,
            box.reason.value,
            box.is_catch_all,
            now,
            now + JUDGEMENTS[box.reason].lifetime,
            box.stage.value if box.stage else None,
            box.reply,
        )
        for of, box in heard.items()
        if of and JUDGEMENTS[box.reason].fault is not Fault.OURS
    ]
