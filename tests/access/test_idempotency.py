"""Requests sent again: one runs, the others learn what became of it."""

import asyncio
from typing import Any

import pytest

from bureau.access.idempotency import (
    Idempotency,
    KeptAnswer,
    Refusal,
    Reservation,
    StoredAnswer,
    fingerprint,
)
from bureau.access.usage import UsageLedger
from bureau.errors import InvalidArgument
from bureau.ids import ClientId
from bureau.settings import Settings
from bureau.store import Store

ACME, BRAVO = ClientId("Acme"), ClientId("Bravo")
BODY, OTHER = fingerprint("enrich", b"one"), fingerprint("enrich", b"two")


@pytest.fixture
def workers(store: Store, store_settings: Settings) -> tuple[Idempotency, Idempotency]:
    """Two workers: they share nothing but the database."""
    return Idempotency(store, store_settings), Idempotency(store, store_settings)


async def _answer(store: Store, settings: Settings, reservation: Reservation | Any, body: bytes) -> None:
    await UsageLedger(store, settings).record([], KeptAnswer(reservation, 200, body))


async def test_the_first_runs_and_the_second_is_told_so(workers: tuple[Idempotency, Idempotency]) -> None:
    assert isinstance(await workers[0].begin(ACME, "k", BODY), Reservation)
    assert Refusal.STILL_RUNNING == await workers[1].begin(ACME, "k", BODY)
    assert Refusal.OTHER_BODY == await workers[1].begin(ACME, "k", OTHER)


async def test_clients_do_not_share_keys(workers: tuple[Idempotency, Idempotency]) -> None:
    assert isinstance(await workers[0].begin(ACME, "k", BODY), Reservation)
    assert isinstance(await workers[0].begin(BRAVO, "k", OTHER), Reservation)


async def test_an_answer_is_repeated_to_the_same_body_only(
    store: Store, store_settings: Settings, workers: tuple[Idempotency, Idempotency]
) -> None:
    await _answer(store, store_settings, await workers[0].begin(ACME, "k", BODY), b"\x00answer\xff")
    assert StoredAnswer(200, b"\x00answer\xff") == await workers[1].begin(ACME, "k", BODY)
    assert Refusal.OTHER_BODY == await workers[1].begin(ACME, "k", OTHER)


@pytest.mark.parametrize("copies", [2, 40])
async def test_of_many_at_once_exactly_one_runs(workers: tuple[Idempotency, Idempotency], copies: int) -> None:
    outcomes = await asyncio.gather(*(workers[n % 2].begin(ACME, "k", BODY) for n in range(copies)))
    assert 1 == sum(isinstance(outcome, Reservation) for outcome in outcomes)
    assert copies - 1 == outcomes.count(Refusal.STILL_RUNNING)


async def test_two_bodies_at_once_in_one_worker(workers: tuple[Idempotency, Idempotency]) -> None:
    outcomes = await asyncio.gather(*(workers[0].begin(ACME, "k", body) for body in (BODY, OTHER)))
    assert isinstance(outcomes[0], Reservation)
    assert Refusal.OTHER_BODY == outcomes[1]


async def test_many_keys_over_two_workers_do_not_deadlock(workers: tuple[Idempotency, Idempotency]) -> None:
    keys = [f"k{n}" for n in range(100)]
    outcomes = await asyncio.gather(
        *(workers[0].begin(ACME, key, BODY) for key in keys),
        *(workers[1].begin(ACME, key, BODY) for key in reversed(keys)),
    )
    assert 100 == sum(isinstance(outcome, Reservation) for outcome in outcomes)
    assert 100 == outcomes.count(Refusal.STILL_RUNNING)


async def test_a_released_key_may_be_used_again(workers: tuple[Idempotency, Idempotency]) -> None:
    reservation = await workers[0].begin(ACME, "k", BODY)
    assert isinstance(reservation, Reservation)
    await workers[0].release(reservation)
    assert isinstance(await workers[1].begin(ACME, "k", OTHER), Reservation)


async def test_an_answer_cannot_be_released(
    store: Store, store_settings: Settings, workers: tuple[Idempotency, Idempotency]
) -> None:
    reservation = await workers[0].begin(ACME, "k", BODY)
    assert isinstance(reservation, Reservation)
    await _answer(store, store_settings, reservation, b"kept")
    await workers[0].release(reservation)
    assert StoredAnswer(200, b"kept") == await workers[0].begin(ACME, "k", BODY)


async def test_what_a_dead_worker_left_is_taken_over_by_the_same_body_only(
    store: Store, workers: tuple[Idempotency, Idempotency]
) -> None:
    await workers[0].begin(ACME, "k", BODY)
    async with store.session() as connection:
        await connection.execute("UPDATE idempotency_running SET started_at = started_at - interval '61 seconds'")
    assert Refusal.OTHER_BODY == await workers[1].begin(ACME, "k", OTHER)
    assert isinstance(await workers[1].begin(ACME, "k", BODY), Reservation)
    assert Refusal.STILL_RUNNING == await workers[0].begin(ACME, "k", BODY)


async def test_purge_takes_what_is_older_than_the_settings_say(
    store: Store, store_settings: Settings, workers: tuple[Idempotency, Idempotency]
) -> None:
    for key, hours in (("old", 49), ("young", 47)):
        await _answer(store, store_settings, await workers[0].begin(ACME, key, BODY), key.encode())
        async with store.session() as connection:
            await connection.execute(
                "UPDATE idempotency_answer SET answered_at = answered_at - make_interval(hours => $1) WHERE key = $2",
                hours,
                key,
            )
    await workers[0].purge()
    await workers[0].begin(ACME, "unfinished", BODY)
    async with store.session() as connection:
        await connection.execute("UPDATE idempotency_running SET started_at = now() - interval '61 seconds'")
    await workers[0].purge()
    assert isinstance(await workers[0].begin(ACME, "unfinished", OTHER), Reservation)
    assert isinstance(await workers[0].begin(ACME, "old", OTHER), Reservation)
    assert StoredAnswer(200, b"young") == await workers[0].begin(ACME, "young", BODY)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b", "linha\n", "ação"])
async def test_keys_that_cannot_be_used(workers: tuple[Idempotency, Idempotency], key: str) -> None:
    with pytest.raises(InvalidArgument, match="1 to 255 printable ASCII"):
        await workers[0].begin(ACME, key, BODY)


def test_the_fingerprint_tells_operation_and_body_apart() -> None:
    prints = {fingerprint(operation, body) for operation, body in
              [("enrich", b"a"), ("enrich", b"b"), ("match", b"a"), ("enric", b"ha"), ("enrich", b"")]}  # fmt: skip
    assert 5 == len(prints)
