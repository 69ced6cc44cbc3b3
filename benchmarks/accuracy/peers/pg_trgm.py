"""PostgreSQL with pg_trgm, what a team with a database writes first: a trigram index on the name, ``%`` for candidates
and equality of identifiers and birth date beside it; the score is the mean similarity of what both records hold."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa

from benchmarks.accuracy.task import FIELDS, NOBODY, Answers, say

THRESHOLD = None  # its documentation names one for candidates (0.3, the default used here), none for an answer
_COMPARED = ("name", "birth_date", "mother_name", "tax_id", "street", "number", "city", "postal_code", "phone", "email")
_OPTIONS = (
    "-c listen_addresses=127.0.0.1 -c unix_socket_directories= "
    "-c shared_buffers=1GB -c work_mem=64MB -c jit=off -c fsync=off"
)
_EQUAL = ("birth_date", "tax_id", "phone", "email")


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    with _cluster() as port, psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres") as database:
        started = time.perf_counter()
        database.execute("CREATE EXTENSION pg_trgm")
        say(f"loading {len(known):,} known records")
        for name, records in (("known", known), ("asked", asked)):
            _load(database, name, records)
        say("indexing")
        database.execute("CREATE INDEX ON known USING gin (name gin_trgm_ops)")
        for column in _EQUAL:
            database.execute(f"CREATE INDEX ON known ({column})")
        database.execute("ANALYZE")
        ready = time.perf_counter()
        say(f"answering, ready after {ready - started:.0f} s")
        best, score = np.full(len(asked), NOBODY), np.zeros(len(asked))
        for mine, theirs, similarity in database.execute(_query()):
            best[mine], score[mine] = theirs, similarity
        return Answers(best, score, ready - started, time.perf_counter() - ready)


def _load(database: psycopg.Connection, name: str, records: pa.Table) -> None:
    columns = ", ".join(f"{column} text" for column in ("name", *FIELDS))
    database.execute(f"CREATE TABLE {name} (row int PRIMARY KEY, {columns})")
    with database.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for row, record in enumerate(records.to_pylist()):
            full = " ".join(filter(None, (record["given_name"], record["surname"])))
            copy.write_row((row, full, *(record[field] for field in FIELDS)))


def _query() -> str:
    """Every record asked with its most similar known one."""
    alike = "\n + ".join(f"coalesce(similarity(k.{column}, a.{column}), 0)" for column in _COMPARED)
    both = " + ".join(f"(k.{column} || a.{column} IS NOT NULL)::int" for column in _COMPARED)
    equal = "".join(f" UNION SELECT * FROM known WHERE {column} = a.{column}" for column in _EQUAL)  # noqa: S608  # ours
    return f"""SELECT a.row, found.row, found.score FROM asked a CROSS JOIN LATERAL (
        SELECT k.row, ({alike}) / nullif({both}, 0) AS score
        FROM (SELECT * FROM known WHERE name % a.name{equal}) k ORDER BY score DESC NULLS LAST LIMIT 1) found"""  # noqa: S608


@contextlib.contextmanager
def _cluster() -> Iterator[int]:
    """A cluster of Debian's server for this run alone, on loopback, run by the user ``postgres`` when we are root."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    with tempfile.TemporaryDirectory() as directory:
        data, port = Path(directory) / "data", _free_port()
        as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if as_user:
            shutil.chown(directory, "postgres")

        def run(program: str, *arguments: str | Path) -> None:
            command = [*as_user, programs / program, "-D", data, *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory)

        run("initdb", "-A", "trust", "-U", "postgres")
        run("pg_ctl", "-w", "-o", f"{_OPTIONS} -c port={port}", "-l", data / "log", "start")
        try:
            yield port
        finally:
            run("pg_ctl", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
