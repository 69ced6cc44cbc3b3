"""From "come back later" to a final verdict, with a real name server, mail server and database; only time is made up.

Each verifier is another process's: what one heard is in the database or is not known to the next.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bureau.deliverability.email.mailbox.dialogue import Identity
from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.memory import NOTHING_KNOWN
from bureau.deliverability.email.pending import pending
from bureau.deliverability.email.rechecks import LADDER
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.routing import RoutingRules
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.ids import ClientId
from bureau.model.query import Depth
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.memory import SharedMemory
from bureau.overlay.recheck_worker import RecheckWorker
from bureau.overlay.rechecks import Asked, Rechecks
from bureau.store import Store

ANA = "ana@example.com"
ASKED = Asked("ver_1", ClientId("acme"), Depth.MAILBOX)


@pytest.fixture
def world(dns_server: Any, mail_server: Any) -> tuple[Any, Any]:
    """A domain with one mail server, which refuses strangers for good and Ana for now."""
    dns_server.zone = {"example.com": {"MX": ["10 mx.example.com."]}, "mx.example.com": {"A": ["127.0.0.1"]}}
    mail_server.script = {"RCPT": "550 5.1.1 user unknown", ANA: "450 4.2.0 Greylisted, see postgrey"}
    return dns_server, mail_server


@asynccontextmanager
async def process(world: tuple[Any, Any], store: Store, fingerprints: Fingerprints) -> AsyncIterator[EmailVerifier]:
    name_server, server = world
    loopback = RoutingRules(allow_private=True)
    probing = ProbeSettings(Identity("probe.example.org", "probe@example.org"), port=server.port, rules=loopback)
    memory = SharedMemory(store, fingerprints)
    async with EmailVerifier(ResolverSettings((name_server.address,), 1.0, 1), loopback, probing, memory) as verifier:
        yield verifier
    await memory.drain()


async def pass_time(store: Store, by: timedelta) -> None:
    async with store.session() as connection:
        await connection.execute("UPDATE recheck SET due_at = due_at - $1::interval", by)
        await connection.execute("UPDATE mailbox_evidence SET expires_at = expires_at - $1::interval", by)


async def test_a_greylisted_mailbox_is_asked_again_when_its_time_has_come(
    world: tuple[Any, Any], store: Store, other_store: Store, fingerprints: Fingerprints
) -> None:
    name_server, server = world
    async with process(world, store, fingerprints) as verifier:
        (first,) = await verifier.verify([ANA], Depth.MAILBOX, 10.0)
    assert "greylist_probably_exists" == first.reason  # strangers were refused for good in the same session
    later = pending(first)
    assert later
    await Rechecks(store).book([(ASKED, [later])])
    sessions = server.heard.count("QUIT")
    async with process(world, other_store, fingerprints) as verifier:
        (again,) = await verifier.verify([ANA], Depth.MAILBOX, 10.0)  # too soon: nobody is asked, here or there
        assert first.reason == again.reason
        assert sessions == server.heard.count("QUIT")
    server.script[ANA] = "250 2.1.5 ok"
    await pass_time(store, LADDER[0])
    async with process(world, other_store, fingerprints) as verifier:
        assert 1 == await RecheckWorker(other_store, verifier, lambda _: NOTHING_KNOWN).once()
    found = await Rechecks(store).find(ASKED.client, ASKED.verification)
    assert found
    assert (True, [("deliverable", "accepted_not_catch_all")]) == (
        found.final,
        [(one.status, one.reason) for one in found.results],
    )
    assert 1 == name_server.asked.count(("example.com", "MX"))  # one look-up for three processes
