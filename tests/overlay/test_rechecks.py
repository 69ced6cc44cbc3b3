"""Verdicts that are not final: booked, made when due by one worker each, and never lost with a worker."""

import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest

from bureau.deliverability.email.memory import NOTHING_KNOWN
from bureau.deliverability.email.pending import Pending, pending
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.rechecks import LADDER
from bureau.deliverability.email.verdict import EmailVerdict, Mailbox, Stages, check_email
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.ids import ClientId
from bureau.model.query import Depth
from bureau.overlay.recheck_worker import LEASE_SECONDS, RecheckWorker
from bureau.overlay.rechecks import Asked, Rechecks
from bureau.store import Store
from bureau.webhooks.endpoints import create_webhook
from bureau.webhooks.messages import Event as Told

ACME = ClientId("acme")
ASKED = Asked("ver_1", ACME, Depth.MAILBOX)


def verdict(address: str, reason: Reason) -> EmailVerdict:
    return check_email(address, datetime.now(UTC), Stages(mailbox=Mailbox(reason, False)))


def late(address: str, reason: Reason = Reason.GREYLISTED) -> Pending:
    found = pending(verdict(address, reason))
    assert found
    return found


class Verifier:
    """Says of every address what it is told to, and remembers who was asked about."""

    def __init__(self, reason: Reason, is_late: bool = False) -> None:
        self.reason = reason
        self.is_late = is_late
        self.asked: list[str] = []

    async def verify(self, addresses: Sequence[str], *_: Any, **__: Any) -> list[EmailVerdict]:
        self.asked += addresses
        await asyncio.sleep(0)
        found = [verdict(address, self.reason) for address in addresses]
        return [msgspec.structs.replace(one, pending=self.is_late) for one in found]


def worker(store: Store, verifier: Verifier) -> RecheckWorker:
    return RecheckWorker(store, cast(EmailVerifier, verifier), lambda _: NOTHING_KNOWN)


async def messages(store: Store) -> list[dict[str, Any]]:
    """What clients with webhooks are to be told."""
    async with store.session() as connection:
        return [json.loads(row["body"]) for row in await connection.fetch("SELECT body FROM webhook_delivery")]


async def pass_time(store: Store, by: timedelta) -> None:
    """As if everything booked had been booked so much earlier."""
    async with store.session() as connection:
        await connection.execute(
            "UPDATE recheck SET due_at = due_at - $1::interval, leased_until = leased_until - $1::interval,"
            " created_at = created_at - $1::interval",
            by,
        )


async def test_a_greylisted_verdict_is_pending_then_final(store: Store) -> None:
    rechecks = Rechecks(store)
    await create_webhook(store, ACME, "https://acme.example/hook", list(Told), False)
    await rechecks.book([(ASKED, [late("ana@example.com"), late("bia@example.com")])])
    before = await rechecks.find(ACME, "ver_1")
    assert before
    assert (False, [True, True]) == (before.final, [one.pending for one in before.results])
    verifier = Verifier(Reason.ACCEPTED_NOT_CATCH_ALL)
    assert 0 == await worker(store, verifier).once()
    await pass_time(store, LADDER[0])
    assert 2 == await worker(store, verifier).once()
    after = await rechecks.find(ACME, "ver_1")
    assert after
    assert (True, None) == (after.final, after.recheck_at)
    expected = [
        ("ana@example.com", "accepted_not_catch_all", False),
        ("bia@example.com", "accepted_not_catch_all", False),
    ]
    assert expected == [(one.address, one.reason, one.pending) for one in after.results]
    (message,) = await messages(store)
    assert ("verification.final", {"verification": "ver_1"}) == (message["type"], message["data"])
    assert 0 == await worker(store, verifier).once()


async def test_the_ladder_ends_and_the_verdict_stays_unknown(store: Store) -> None:
    rechecks, verifier = Rechecks(store), Verifier(Reason.GREYLISTED)
    await rechecks.book([(ASKED, [late("ana@example.com")])])
    for rung in LADDER:
        await pass_time(store, rung)
        assert 1 == await worker(store, verifier).once()
    found = await rechecks.find(ACME, "ver_1")
    assert found
    assert (True, "greylisted", "unknown") == (found.final, found.results[0].reason, found.results[0].status)
    assert not found.results[0].pending
    assert found.results[0].recheck_at is None


async def test_what_the_last_verdict_says_is_noted_for_calibration(store: Store) -> None:
    await Rechecks(store).book([(ASKED, [late("ana@example.com")])])
    await pass_time(store, LADDER[0])
    verifier, noted = Verifier(Reason.ACCEPTED_NOT_CATCH_ALL), list[EmailVerdict]()
    await RecheckWorker(store, cast(EmailVerifier, verifier), lambda _: NOTHING_KNOWN, noted.extend).once()
    assert [("ana@example.com", "accepted_not_catch_all")] == [(one.address, one.reason) for one in noted]


async def test_what_is_always_late_is_left_after_an_hour(store: Store) -> None:
    rechecks, verifier = Rechecks(store), Verifier(Reason.NOT_CHECKED, is_late=True)
    at = datetime.now(UTC)
    waiting = msgspec.structs.replace(verdict("ana@example.com", Reason.NOT_CHECKED), pending=True, recheck_at=at)
    await rechecks.book([(ASKED, [Pending(waiting, 0)])])
    assert 1 == await worker(store, verifier).once()
    found = await rechecks.find(ACME, "ver_1")
    assert found
    assert not found.final
    await pass_time(store, timedelta(hours=2))
    assert 1 == await worker(store, verifier).once()
    found = await rechecks.find(ACME, "ver_1")
    assert found
    assert found.final


async def test_two_workers_share_the_work(store: Store, other_store: Store) -> None:
    await Rechecks(store).book([(ASKED, [late(f"a{number}@example.com") for number in range(300)])])
    await pass_time(store, LADDER[0])
    one, other = Verifier(Reason.MAILBOX_NOT_FOUND), Verifier(Reason.MAILBOX_NOT_FOUND)
    done = await asyncio.gather(worker(store, one).once(), worker(other_store, other).once())
    assert 300 == sum(done)
    assert 300 == len({*one.asked, *other.asked}) == len(one.asked) + len(other.asked)
    found = await Rechecks(store).find(ACME, "ver_1")
    assert found
    assert found.final


async def test_what_a_dead_worker_held_is_made_by_the_next_and_a_slow_one_undoes_nothing(
    store: Store, other_store: Store
) -> None:
    class Slow(Verifier):
        async def verify(self, addresses: Sequence[str], *given: Any, **options: Any) -> list[EmailVerdict]:
            await pass_time(store, timedelta(hours=1))  # so long that its lease ends
            assert 1 == await worker(other_store, Verifier(Reason.MAILBOX_NOT_FOUND)).once()
            return await super().verify(addresses, *given, **options)

    await Rechecks(store).book([(ASKED, [late("ana@example.com")])])
    await pass_time(store, LADDER[0])
    await create_webhook(store, ACME, "https://acme.example/hook", list(Told), False)
    assert 1 == await worker(store, Slow(Reason.ACCEPTED_NOT_CATCH_ALL)).once()
    found = await Rechecks(store).find(ACME, "ver_1")
    assert found
    assert ["mailbox_not_found"] == [one.reason for one in found.results]
    assert 1 == len(await messages(store))  # the successor's


async def test_a_client_sees_only_its_own(store: Store) -> None:
    await Rechecks(store).book([(ASKED, [late("ana@example.com")])])
    assert await Rechecks(store).find(ClientId("other"), "ver_1") is None
    assert await Rechecks(store).find(ACME, "ver_2") is None


@pytest.mark.parametrize("reason", [Reason.MAILBOX_NOT_FOUND, Reason.CATCH_ALL, Reason.ACCEPTED_NOT_CATCH_ALL])
def test_what_is_final_is_not_booked(reason: Reason) -> None:
    assert pending(verdict("ana@example.com", reason)) is None


WORKER = """
import asyncio, sys
from bureau.deliverability.email.memory import NOTHING_KNOWN
from bureau.overlay.recheck_worker import LEASE_SECONDS, RecheckWorker
from bureau.settings import Settings
from bureau.store import Store

class Hangs:
    async def verify(self, addresses, *given, **options):
        print(len(addresses), flush=True)
        await asyncio.Event().wait()

async def main():
    store = await Store.open(Settings(database_url=sys.argv[1]))
    await RecheckWorker(store, Hangs(), lambda _: NOTHING_KNOWN).once()

asyncio.run(main())
"""


@pytest.mark.acceptance
async def test_what_a_killed_process_held_is_made_by_the_next(store: Store, database_url: str) -> None:
    await Rechecks(store).book([(ASKED, [late(f"a{number}@example.com") for number in range(5)])])
    await pass_time(store, LADDER[0])
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert killed.stdout
    assert b"5\n" == await killed.stdout.readline()
    killed.kill()
    await killed.wait()
    verifier = Verifier(Reason.MAILBOX_NOT_FOUND)
    assert 0 == await worker(store, verifier).once()  # the dead one's lease still holds
    await pass_time(store, timedelta(seconds=LEASE_SECONDS))
    assert 5 == await worker(store, verifier).once()
    found = await Rechecks(store).find(ACME, "ver_1")
    assert found
    assert (True, 5) == (found.final, len(found.results))
