"""Opening the store, and what callers see when the database misbehaves."""

import asyncio
import secrets

import asyncpg
import pytest

from bureau.access.usage import Receipt, UsageLedger, UsageRow
from bureau.errors import StoreUnavailable
from bureau.ids import ClientId, KeyId, RequestId
from bureau.settings import Settings
from bureau.store import Store, StoreRefused


async def test_unreachable_server_is_one_clear_error_without_the_password() -> None:
    url = "postgresql://user:hunter2@127.0.0.1:1/nowhere"
    with pytest.raises(StoreUnavailable, match=r"^PostgreSQL cannot be used \(ConnectionRefusedError\)\.$") as caught:
        await Store.open(Settings(database_url=url))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql://host:port/x"])
async def test_an_address_that_is_none_is_named_as_such(url: str) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open(Settings(database_url=url))


async def test_a_server_that_is_too_old_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bureau.store.connection.OLDEST_VERSION", 99)
    with pytest.raises(StoreUnavailable, match="is too old: 99 or later is needed"):
        await Store.open(Settings(database_url=database_url))


async def test_a_missing_database_is_named_as_such(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        await Store.open(Settings(database_url=database_url.replace("/test_", "/missing_")))


async def test_an_unknown_user_is_named_as_such(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="refused the user or the password"):
        await Store.open(Settings(database_url=database_url.replace("//postgres", "//nobody_at_all")))


async def test_a_user_who_may_not_make_tables_is_named_as_such(empty_database_url: str) -> None:
    administrator = await asyncpg.connect(empty_database_url)
    role = f"reader_{secrets.token_hex(4)}"
    await administrator.execute(f"CREATE ROLE {role} LOGIN")
    with pytest.raises(StoreUnavailable, match="may not bring the schema up to date"):
        await Store.open(Settings(database_url=empty_database_url.replace("//postgres", f"//{role}")))
    await administrator.execute(f"DROP ROLE {role}")
    await administrator.close()


async def test_a_user_who_may_only_read_and_insert_can_record(database_url: str) -> None:
    administrator = await asyncpg.connect(database_url)
    role = f"service_{secrets.token_hex(4)}"
    await administrator.execute(f"CREATE ROLE {role} LOGIN")
    await administrator.execute(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {role}")
    await administrator.execute(f"GRANT DELETE, UPDATE ON idempotency_running TO {role}")
    settings = Settings(database_url=database_url.replace("//postgres", f"//{role}"))
    async with await Store.open(settings) as store:
        row = UsageRow(request_id=RequestId("r"), key_id=KeyId("k"), client=ClientId("Acme"), operation="enrich",
                       purpose=None, status="matched", units=1)  # fmt: skip
        assert Receipt.RECORDED == await UsageLedger(store, settings).record([row])
    await administrator.execute(f"DROP OWNED BY {role}")
    await administrator.execute(f"DROP ROLE {role}")
    await administrator.close()


async def test_refusals_name_the_code_and_never_the_value(store: Store) -> None:
    digest = b"x" * 32
    await store.fetch("keys.create", "key_1", "123.456.789-09", None, digest, "client")
    with pytest.raises(StoreRefused) as caught:
        await store.fetch("keys.create", "key_2", "other", None, digest, "client")
    assert "23505" == caught.value.sqlstate
    assert "PostgreSQL refused a statement (SQLSTATE 23505)." == str(caught.value)


async def test_a_value_of_the_wrong_kind_is_refused_too(store: Store) -> None:
    with pytest.raises(StoreRefused) as caught:
        await store.fetch("keys.create", 1, "client", None, b"", "client")
    assert "22000" == caught.value.sqlstate


async def test_a_pool_survives_its_connections_being_cut(store: Store, database_url: str) -> None:
    await store.fetch("keys.all")
    await _cut_all(database_url)
    for _ in range(5):  # the first uses may meet a dead connection, later ones a new one
        try:
            assert [] == await store.fetch("keys.all")
            return
        except StoreUnavailable:
            await asyncio.sleep(0)
    pytest.fail("the pool never recovered")


@pytest.mark.parametrize("problem", [RuntimeError, FileNotFoundError, TimeoutError, asyncio.CancelledError])
async def test_a_transaction_is_all_or_nothing_and_lets_other_errors_pass(
    store: Store, problem: type[BaseException]
) -> None:
    with pytest.raises(problem):
        await _create_then_fail(store, problem)
    assert [] == await store.fetch("keys.all")


async def _create_then_fail(store: Store, problem: type[BaseException]) -> None:
    async with store.transaction() as transaction:
        await transaction.fetch("keys.create", "key_1", "client", None, b"x" * 32, "client")
        raise problem


async def test_a_transaction_that_was_refused_gives_its_connection_back(store: Store) -> None:
    for _ in range(10):  # more than the pool has
        with pytest.raises(StoreRefused):
            async with store.transaction() as transaction:
                await transaction.fetch("keys.create", "key_1", "client", None, b"too short", "client")
    assert [] == await store.fetch("keys.all")


async def test_a_transaction_whose_connection_is_cut_is_unavailable(store: Store, database_url: str) -> None:
    with pytest.raises(StoreUnavailable):
        await _create_then_be_cut(store, database_url)
    assert [] == await store.fetch("keys.all")


async def _create_then_be_cut(store: Store, database_url: str) -> None:
    async with store.transaction() as transaction:
        await transaction.fetch("keys.create", "key_1", "client", None, b"x" * 32, "client")
        await _cut_all(database_url)
        await transaction.fetch("keys.all")


async def _cut_all(database_url: str) -> None:
    administrator = await asyncpg.connect(database_url)
    try:
        await administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await administrator.close()


async def test_copy_appends_rows(store: Store) -> None:
    rows = [(f"key_{n}", "client", n.to_bytes(32)) for n in range(3000)]
    async with store.transaction() as transaction:
        await transaction.copy("api_key", ["id", "client", "digest"], rows)
    assert 3000 == len(await store.fetch("keys.all"))


async def test_commits_wait_for_the_disk_whatever_the_database_says(database_url: str) -> None:
    administrator = await asyncpg.connect(database_url)
    name = await administrator.fetchval("SELECT current_database()")
    await administrator.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    await administrator.close()
    store = await Store.open(Settings(database_url=database_url))
    async with store.session() as connection:
        assert "on" == await connection.fetchval("SHOW synchronous_commit")
    await store.close()


async def test_a_lane_keeps_its_connection_until_it_is_cut(store: Store, database_url: str) -> None:
    lane = store.lane()
    await lane.fetch("keys.all")
    kept = lane._connection
    await lane.fetch("keys.all")
    assert kept is lane._connection
    await _cut_all(database_url)
    for _ in range(2):  # the first may meet the dead connection
        try:
            await lane.fetch("keys.all")
            break
        except StoreUnavailable:
            continue
    assert kept is not lane._connection
    assert 0 == len(await lane.fetch("keys.all"))


async def test_a_refused_statement_leaves_the_lane_as_it_is(store: Store) -> None:
    lane = store.lane()
    with pytest.raises(StoreRefused):
        await lane.fetch("keys.create", 1, "client", None, b"", "client")
    assert 0 == len(await lane.fetch("keys.all"))


async def test_a_statement_cut_short_ends_the_lanes_connection(store: Store) -> None:
    lane = store.lane()
    await lane.fetch("keys.all")
    kept = lane._connection
    waiting = asyncio.ensure_future(lane.fetch("keys.all"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert 0 == len(await lane.fetch("keys.all"))
    assert kept is not lane._connection


async def test_a_store_closes_although_a_lane_is_in_use(database_url: str) -> None:
    async with await Store.open(Settings(database_url=database_url, pool_connections=1)) as store:
        lane = store.lane()
        await lane.fetch("keys.all")
        await store.fetch("keys.all")  # the lane does not take the last connection
    assert lane._connection is None
