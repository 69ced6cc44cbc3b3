"""What one process heard, another need not ask; what was our own trouble, it does."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.verdict import Mailbox
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.mailboxes import SharedMailboxes
from bureau.store import Store

FACTS = DomainFacts("example.com", Route.MAIL, ("mx.example.com",))
SAID = {"ana": Reason.ACCEPTED_NOT_CATCH_ALL, "bia": Reason.MAILBOX_NOT_FOUND, "caio": Reason.IP_BLOCKLISTED}


class Server:
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def probe(self, _facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        self.asked += addresses
        said = [SAID[address.partition("@")[0]] for address in addresses]
        return [Mailbox(reason, False, stage=Stage.RCPT, reply="250 2.1.5") for reason in said]


async def test_answers_are_shared_and_kept_in_order(
    store: Store, other_store: Store, fingerprints: Fingerprints
) -> None:
    here, there = Server(), Server()
    first = SharedMailboxes(store, fingerprints, here)
    assert [Reason.ACCEPTED_NOT_CATCH_ALL] == [box.reason for box in await first.probe(FACTS, ["ana@example.com"])]
    await first.drain()
    second = SharedMailboxes(other_store, fingerprints, there)
    found = await second.probe(FACTS, ["bia@example.com", "ANA@example.com", "caio@example.com"])
    assert ["mailbox_not_found", "accepted_not_catch_all", "ip_blocklisted"] == [box.reason for box in found]
    assert ["bia@example.com", "caio@example.com"] == there.asked
    assert (Stage.RCPT, "250 2.1.5", False) == (found[1].stage, found[1].reply, found[1].is_catch_all)
    assert found[1].checked_at
    assert timedelta() <= datetime.now(UTC) - found[1].checked_at < timedelta(minutes=5)
    await second.drain()
    await first.probe(FACTS, ["bia@example.com", "caio@example.com"])
    assert ["ana@example.com", "caio@example.com"] == here.asked


async def test_no_address_is_kept_as_text(store: Store, fingerprints: Fingerprints) -> None:
    shared = SharedMailboxes(store, fingerprints, Server())
    await shared.probe(FACTS, ["ana@example.com"])
    await shared.drain()
    async with store.session() as connection:
        (row,) = await connection.fetch("SELECT * FROM mailbox_evidence")
    assert "ana" not in repr(dict(row))
    assert row["expires_at"] - row["checked_at"] == timedelta(days=90)
