"""Keys: a secret shown once, and a ring that follows what the database says."""

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from bureau.access.keys import SECRET_PREFIX, KeyRing, Principal, create_key, list_keys, revoke_key
from bureau.access.roles import Role
from bureau.errors import InvalidArgument, StoreUnavailable
from bureau.model.query import Purpose
from bureau.store import Store


@pytest.fixture
async def ring(store: Store) -> AsyncIterator[KeyRing]:
    started = await KeyRing.start(store)
    yield started
    await started.stop()


async def within_a_second(holds: Callable[[], bool]) -> bool:
    async def watch() -> None:
        while not holds():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.002)

    try:
        await asyncio.wait_for(watch(), 1.0)
    except TimeoutError:
        return False
    return True


async def test_a_new_key_is_known_and_a_revoked_one_refused_within_a_second(store: Store, ring: KeyRing) -> None:
    key = await create_key(store, "Acme", Purpose.COLLECTION)
    assert await within_a_second(lambda: ring.principal(key.secret) is not None)
    assert Principal(key.id, key.client, Purpose.COLLECTION) == ring.principal(key.secret)
    assert await revoke_key(store, key.id)
    assert await within_a_second(lambda: ring.principal(key.secret) is None)


async def test_keys_made_before_the_start_are_known_at_once(store: Store) -> None:
    key = await create_key(store, "Acme")
    ring = await KeyRing.start(store)
    assert Principal(key.id, key.client, None) == ring.principal(key.secret)
    await ring.stop()


async def test_a_key_keeps_its_role_and_is_a_clients_unless_said(store: Store, ring: KeyRing) -> None:
    keys = [await create_key(store, "Acme"), await create_key(store, "dpo", role=Role.OFFICER)]
    assert await within_a_second(lambda: all(ring.principal(key.secret) for key in keys))
    roles = [principal.role for key in keys if (principal := ring.principal(key.secret))]
    assert [Role.CLIENT, Role.OFFICER] == roles == [key.role for key in await list_keys(store)]


@pytest.mark.parametrize("secret", ["", SECRET_PREFIX, "x" * 10_000, "ção", "\udcff", "bur_live_' OR true"])
async def test_unknown_secrets_are_nobody(ring: KeyRing, secret: str) -> None:
    assert ring.principal(secret) is None


async def test_the_secret_is_nowhere_in_the_database(store: Store) -> None:
    key = await create_key(store, "Acme")
    async with store.session() as connection:
        row = str(await connection.fetchrow("SELECT * FROM api_key"))
    assert key.secret not in row
    assert key.secret.removeprefix(SECRET_PREFIX) not in row
    assert len(key.secret.removeprefix(SECRET_PREFIX)) == 43  # 256 bits


async def test_listing_shows_every_key_and_when_it_was_revoked(store: Store) -> None:
    kept = await create_key(store, "Acme")
    gone = await create_key(store, "Bravo", Purpose.BILLING)
    await revoke_key(store, gone.id)
    listed = await list_keys(store)
    assert [(kept.id, "Acme", None, False), (gone.id, "Bravo", Purpose.BILLING, True)] == [
        (key.id, key.client, key.default_purpose, key.revoked_at is not None) for key in listed
    ]


async def test_revoking_twice_keeps_the_first_moment_and_no_key_is_none(store: Store) -> None:
    key = await create_key(store, "Acme")
    assert await revoke_key(store, key.id)
    first = (await list_keys(store))[0].revoked_at
    assert await revoke_key(store, key.id)
    assert first == (await list_keys(store))[0].revoked_at
    assert not await revoke_key(store, "key_missing")


@pytest.mark.parametrize("client", ["", "  ", "x" * 101, "a\nb", "a\0b"])
async def test_client_names_that_cannot_be_used(store: Store, client: str) -> None:
    with pytest.raises(InvalidArgument):
        await create_key(store, client)


async def test_a_revocation_made_while_the_listener_is_cut_off_holds_too(
    store: Store, ring: KeyRing, database_url: str
) -> None:
    key = await create_key(store, "Acme")
    assert await within_a_second(lambda: ring.principal(key.secret) is not None)
    administrator = await asyncpg.connect(database_url)
    async with administrator.transaction():
        await administrator.execute("UPDATE api_key SET revoked_at = now()")
        await administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    await administrator.close()
    assert await within_a_second(lambda: ring.principal(key.secret) is None)


async def test_the_listener_follows_again_after_its_connection_was_cut(ring: KeyRing, database_url: str) -> None:
    administrator = await asyncpg.connect(database_url)
    for round_ in range(3):
        await administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND query LIKE '%api_key%'"
        )
        await administrator.execute("INSERT INTO api_key (id, client, digest) VALUES ($1, 'x', $2)",
                                    f"key_{round_}", round_.to_bytes(32))  # fmt: skip
        assert await within_a_second(lambda expected=round_ + 1: len(ring._principals) == expected)
    await administrator.close()


async def test_nobody_is_let_in_when_the_keys_are_stale(store: Store) -> None:
    key = await create_key(store, "Acme")
    ring = await KeyRing.start(store, stale_seconds=0.05)
    await ring.stop()  # as if the listener were cut off
    assert await within_a_second(lambda: not ring.fresh)
    with pytest.raises(StoreUnavailable):
        ring.principal(key.secret)
