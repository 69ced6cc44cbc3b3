"""Settings: read once at the edge (command line or server start) and passed in from there."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bureau.errors import InvalidArgument

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=1e9)]  # the upper bound refuses "inf"
Days = Annotated[float, Meta(gt=0, le=36_500)]

PREFIX = "BUREAU_"


class Settings(msgspec.Struct, frozen=True):
    """Everything an operator may set; each field is the environment variable of its name after ``BUREAU_``.

    ``home`` holds what Bureau keeps on disk. ``database_url`` names a PostgreSQL server; without it an embedded one
    runs under ``home``. ``pool_connections``, and one for the usage ledger, are opened by every process that uses it.
    ``requests_per_second`` (bursts up to ``burst_requests``) and ``concurrent_requests`` are allowed to one key over
    all workers. Up to ``usage_batch_rows`` usage rows share a commit; at most ``usage_waiting_rows`` wait for one, and
    a row that is not durable after ``usage_patience_seconds`` is given up and its request answered as unavailable.
    Answers to an ``Idempotency-Key`` are kept ``idempotency_hours``; a request that has not ended after
    ``request_seconds`` is taken for dead. ``keys_stale_seconds`` is how long keys are believed without the database.
    ``dns_servers`` are recursive resolvers (``address`` or ``address:port``, commas between; empty: the machine's own),
    each asked ``dns_tries`` times for ``dns_seconds``; ``dns_sender_facts`` adds three questions a domain (SPF, DMARC,
    MTA-STS), which senders like to know and verdicts do not need. Mail servers are contacted only if ``probe_name``
    (the forward and reverse name of this machine's address) and ``probe_sender`` (an address that really takes mail)
    are set; ``probe_never`` lists domains and houses that are left alone all the same. Of one check of a mailbox,
    ``probe_connect_seconds``, ``probe_banner_seconds`` and ``probe_command_seconds`` bound the steps and
    ``probe_total_seconds`` the whole. ``probe_port`` and ``probe_loopback`` are for test rigs: the latter lifts the
    rule that private addresses are never contacted.
    Jobs keep their files in ``jobs_directory`` (default: ``jobs`` in the home), the same for server and workers, until
    ``job_retention_days`` after their end; or, with ``files_url``, in a bucket that speaks S3
    (``s3://bucket/prefix?endpoint_override=host:port``, see ``bureau.storage.objects``), and the directory is each
    machine's own, for what it is working on. A worker that has not been heard of for
    ``job_lease_seconds`` is taken for dead. One client has at most ``job_tasks_per_client`` tasks running and
    ``jobs_open_per_client`` jobs unfinished. A record that was charged is free for that client's next
    ``requery_days``. ``worker_processes`` work in one ``bureau worker`` (None: one a core). The log of webhooks is kept
    ``webhook_log_days``; ``webhook_loopback`` lets them call this machine, over plain http too, and is for tests only.
    ``do_not_call`` is a CSV file of do-not-call entries (``number,list,scope,since``). Booked rechecks are looked for
    every ``recheck_seconds``; their verdicts, with the addresses, are kept ``recheck_days``, and events ``event_days``.
    ``benchmark_echo`` adds the bare ``POST /echo`` that throughput is compared with.
    """

    home: Path = Path("home")
    database_url: str | None = None
    pool_connections: Count = 8
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8000
    workers: Count = 1
    body_limit_bytes: Count = 4_000_000
    upload_limit_bytes: Count = 4_000_000_000
    requests_per_second: Annotated[float, Meta(gt=0, le=1e9)] = 1_000.0
    burst_requests: Count = 2_000
    concurrent_requests: Count = 200
    usage_batch_rows: Count = 2_000
    usage_waiting_rows: Count = 20_000
    usage_patience_seconds: Seconds = 5.0
    idempotency_hours: Annotated[float, Meta(ge=24, le=1e6)] = 48.0  # the contract promises 24 hours and more
    request_seconds: Seconds = 60.0
    keys_stale_seconds: Seconds = 60.0
    dns_servers: str = ""
    dns_seconds: Seconds = 2.0
    dns_tries: Count = 2
    dns_sender_facts: bool = False
    probe_name: str = ""
    probe_sender: str = ""
    probe_never: str = ""
    probe_connect_seconds: Seconds = 10.0
    probe_banner_seconds: Seconds = 30.0
    probe_command_seconds: Seconds = 15.0
    probe_total_seconds: Seconds = 45.0
    probe_port: Annotated[int, Meta(ge=1, le=65_535)] = 25
    probe_loopback: bool = False
    jobs_directory: Path | None = None
    files_url: str | None = None
    job_retention_days: Days = 30.0
    job_lease_seconds: Annotated[float, Meta(ge=1, le=3_600)] = 15.0
    job_tasks_per_client: Count = 8
    jobs_open_per_client: Count = 100
    requery_days: Annotated[float, Meta(ge=0, le=36_500)] = 30.0
    worker_processes: Count | None = None
    webhook_log_days: Days = 30.0
    webhook_loopback: bool = False
    do_not_call: Path | None = None
    recheck_seconds: Seconds = 5.0
    recheck_days: Count = 7
    event_days: Count = 730
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    benchmark_echo: bool = False

    @property
    def jobs(self) -> Path:
        """Where jobs keep their files."""
        return self.jobs_directory or self.home / "jobs"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **overrides: Any) -> "Settings":
        """``environ``'s ``BUREAU_`` variables, with ``overrides`` that are not None (command-line options) on top.

        An empty variable counts as not set. Raises :class:`InvalidArgument` naming the variable that cannot be used;
        the value is never repeated, since it may be a password.
        """
        given = {field: environ.get(PREFIX + field.upper()) for field in cls.__struct_fields__}
        values: dict[str, Any] = {field: value for field, value in given.items() if value}
        values |= {field: value for field, value in overrides.items() if value is not None}
        try:
            return msgspec.convert(values, cls, strict=False, dec_hook=_path)
        except msgspec.ValidationError as problem:
            raise InvalidArgument(_naming_the_variable(str(problem))) from None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none: mistyped, mostly, and then without any effect."""
    known = {PREFIX + field.upper() for field in Settings.__struct_fields__}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _path(wanted: type, value: Any) -> Any:
    if wanted is not Path or not isinstance(value, str | Path):
        raise ValueError("Expected a path")
    return Path(value).expanduser()


def _naming_the_variable(problem: str) -> str:
    """``Expected `int` <= 65535 - at `$.port` `` → ``BUREAU_PORT: expected int <= 65535.``"""
    what, _, where = problem.partition(" - at `$.")
    what = re.sub(r"`|, got .*", "", what)
    what = re.sub("Invalid enum value .*", "expected DEBUG, INFO, WARNING or ERROR", what)  # the one enum there is
    return f"{PREFIX}{where.rstrip('`').upper()}: {what[:1].lower()}{what[1:]}."
