"""The embedded cluster, shared and left by real processes that are really killed."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from bureau.errors import StoreUnavailable
from bureau.settings import Settings
from bureau.store import Listener, Store
from bureau.store.embedded import EmbeddedCluster

pytestmark = pytest.mark.acceptance

USER = """
import sys
from pathlib import Path
from bureau.store.embedded import EmbeddedCluster
cluster = EmbeddedCluster.join(Path(sys.argv[1]))
print("joined", flush=True)
sys.stdin.readline()
cluster.leave()
print("left", flush=True)
"""

User = subprocess.Popen[str]


@pytest.fixture
def new_home(cluster_directory: Path) -> Iterator[Path]:
    """A home without a cluster."""
    made = Path(tempfile.mkdtemp(prefix="bureau-embedded-", dir=cluster_directory))
    yield made
    if alive := postmaster(made):
        os.kill(alive, signal.SIGQUIT)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def made_once(cluster_directory: Path) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="bureau-made-", dir=cluster_directory))
    EmbeddedCluster.join(home).leave()
    with (home / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("fsync = off  # no test here cuts the power\n")
    yield home
    shutil.rmtree(home)


@pytest.fixture
def home(new_home: Path, made_once: Path) -> Path:
    """A home with a cluster that does not run."""
    subprocess.run(["cp", "-a", made_once / "postgres", new_home], check=True)  # keeps the owner
    return new_home


@pytest.fixture
def start_user(new_home: Path) -> Iterator[Callable[[], User]]:
    started: list[User] = []

    def start() -> User:
        pipe = subprocess.PIPE
        user = subprocess.Popen(
            [sys.executable, "-c", USER, str(new_home)], stdin=pipe, stdout=pipe, text=True, cwd="/"
        )
        started.append(user)
        return user

    yield start
    for user in started:
        user.kill()
        user.communicate()


def postmaster(home: Path) -> int | None:
    """The process id of the running cluster."""
    file = home / "postgres" / "postmaster.pid"
    pid = int(file.read_text().split()[0]) if file.exists() else 0
    return pid if pid and Path(f"/proc/{pid}").exists() else None


def says(user: User) -> str:
    assert user.stdout
    return user.stdout.readline().strip()


def leave(user: User) -> None:
    user.communicate("\n", timeout=30)
    assert 0 == user.returncode


def test_two_that_come_at_once_make_one_cluster_and_the_last_stops_it(
    new_home: Path, start_user: Callable[[], User]
) -> None:
    users = [start_user(), start_user(), start_user()]
    assert ["joined"] * 3 == [says(user) for user in users]
    running = postmaster(new_home)
    assert running
    leave(users[0])
    leave(users[1])
    assert running == postmaster(new_home)
    leave(users[2])
    assert postmaster(new_home) is None


def test_a_killed_user_neither_stops_the_cluster_nor_keeps_it_for_ever(
    home: Path, start_user: Callable[[], User]
) -> None:
    killed, other = start_user(), start_user()
    assert ["joined", "joined"] == [says(killed), says(other)]
    running = postmaster(home)
    killed.kill()
    killed.wait()
    assert running == postmaster(home)
    leave(other)
    assert postmaster(home) is None


def test_the_cluster_outlives_its_only_user_being_killed_and_serves_the_next(
    home: Path, start_user: Callable[[], User]
) -> None:
    killed = start_user()
    assert "joined" == says(killed)
    running = postmaster(home)
    killed.kill()
    killed.wait()
    cluster = EmbeddedCluster.join(home)
    assert running == postmaster(home)
    cluster.leave()
    assert postmaster(home) is None


async def test_what_was_committed_survives_the_postmaster_being_killed(home: Path) -> None:
    settings = Settings(home=home)
    store = await Store.open(settings)
    await store.fetch("keys.create", "key_1", "client", None, b"x" * 32, "client")
    crashed = postmaster(home)
    assert crashed
    os.kill(crashed, signal.SIGKILL)
    again = await Store.open(settings)
    assert ["key_1"] == [row["id"] for row in await again.fetch("keys.all")]
    assert crashed != postmaster(home)
    await store.close()
    await again.close()
    assert postmaster(home) is None


def test_a_dead_cluster_is_started_again_by_any_of_its_users(home: Path) -> None:
    first, second = EmbeddedCluster.join(home), EmbeddedCluster.join(home)
    crashed = postmaster(home)
    assert crashed
    assert not first.restart()
    dying = psutil.Process(crashed)
    dying.kill()
    psutil.wait_procs([dying], timeout=30)
    assert [True, False] == [second.restart(), first.restart()]
    assert postmaster(home) not in (None, crashed)
    first.leave()
    second.leave()
    assert not first.restart()
    assert postmaster(home) is None


async def test_whoever_follows_the_database_brings_it_back(home: Path) -> None:
    store = await Store.open(Settings(home=home))
    read: asyncio.Queue[None] = asyncio.Queue()
    listener = Listener(store, "bureau_keys", "keys.valid", lambda _: read.put_nowait(None))
    await listener.start()
    await read.get()  # before it follows
    await read.get()  # once it follows
    crashed = postmaster(home)
    assert crashed
    os.kill(crashed, signal.SIGKILL)
    async with asyncio.timeout(30):
        await read.get()
    assert postmaster(home) not in (None, crashed)
    assert [] == await store.fetch("keys.all")
    await listener.stop()
    await store.close()
    assert postmaster(home) is None


def test_a_process_id_that_is_somebody_elses_by_now_is_not_believed(home: Path) -> None:
    EmbeddedCluster.join(home).leave()
    stale = f"{os.getpid()}\n{home}/postgres\n1700000000\n5432\n{home}/postgres\n\n1 1\nready   \n"
    (home / "postgres" / "postmaster.pid").write_text(stale)
    cluster = EmbeddedCluster.join(home)
    assert postmaster(home) not in (None, os.getpid())
    cluster.leave()


def test_a_cluster_that_was_half_made_is_made_again(new_home: Path) -> None:
    half = new_home / "postgres.new-killed"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    EmbeddedCluster.join(new_home).leave()
    assert not half.exists()


async def test_the_first_two_to_open_the_store_share_one_database(home: Path) -> None:
    first, second = await asyncio.gather(Store.open(Settings(home=home)), Store.open(Settings(home=home)))
    await first.fetch("keys.create", "key_1", "client", None, b"x" * 32, "client")
    assert 1 == len(await second.fetch("keys.all"))
    await first.close()
    assert 1 == len(await second.fetch("keys.all"))
    await second.close()


def test_nobody_else_on_the_machine_may_connect(home: Path) -> None:
    cluster = EmbeddedCluster.join(home)
    socket_file = next((home / "postgres").glob(".s.PGSQL.*[0-9]"))
    assert 0 == socket_file.stat().st_mode & 0o077
    cluster.leave()


def test_a_home_that_cannot_be_used_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(StoreUnavailable, match="could not be started: File exists\\."):
        EmbeddedCluster.join(tmp_path / "file")


async def test_a_path_too_long_for_a_socket_works(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    cluster = EmbeddedCluster.join(deep)
    connection = await asyncpg.connect(cluster.url_of("postgres"))
    assert 1 == await connection.fetchval("SELECT 1")
    await connection.close()
    cluster.leave()


async def test_a_cluster_that_an_older_version_made_is_configured_as_a_new_one(home: Path) -> None:
    configuration = home / "postgres" / "postgresql.conf"
    older, _, _ = configuration.read_text().partition("# Written by Bureau")
    configuration.write_text(older)
    for _ in range(2):
        async with await Store.open(Settings(home=home)) as store, store.session() as connection:
            shown = [await connection.fetchval(f"SHOW {name}") for name in ("max_connections", "min_wal_size")]
        assert ["200", "2GB"] == shown
    assert 1 == configuration.read_text().count("# Written by Bureau")
