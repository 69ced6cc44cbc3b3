"""An NSD of our own on loopback, serving invented zones; the rig in ``tests/rig`` uses it too."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dns.exception
import dns.message
import dns.query

PATIENCE = 20.0  # seconds for it to load its zones and answer

SERVER = """server:
  ip-address: 127.0.0.1
  port: {port}
  server-count: 1
  username: ""
  zonesdir: "{home}"
  database: ""
  zonelistfile: "{home}/zone.list"
  xfrdfile: "{home}/xfrd.state"
  xfrdir: "{home}"
  pidfile: "{home}/nsd.pid"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
"""

ZONE = """zone:
  name: "{name}"
  zonefile: "{name}zone"
"""

HEADER = """$ORIGIN {name}
$TTL 3600
@ SOA ns1.{name} h.{name} 1 3600 600 86400 60
@ NS ns1.{name}
ns1.{name} A 127.0.0.1
"""


class NotInstalled(Exception):
    """A program that was to be started is missing; the message says which package has it."""


@contextmanager
def name_server(home: Path, zones: Mapping[str, str | None]) -> Iterator[str]:
    """Run NSD until the block ends; its ``address:port``. ``zones``: name (``br.``) → records, ``None`` for a zone that
    is configured but cannot be loaded, whose names are answered SERVFAIL. Any other name is REFUSED."""
    program = shutil.which("nsd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        raise NotInstalled("NSD is needed: apt-get install nsd")
    port = free_port("127.0.0.1")
    for name, records in zones.items():
        if records is not None:
            (home / f"{name}zone").write_text(HEADER.format(name=name) + records, encoding="ascii")
    configuration = home / "nsd.conf"
    configuration.write_text(
        SERVER.format(port=port, home=home) + "".join(ZONE.format(name=name) for name in zones), encoding="ascii"
    )
    with running([program, "-d", "-c", str(configuration)], home / "nsd.log") as process:
        _wait_until_it_answers(process, port, next(iter(zones)), home / "nsd.log")
        yield f"127.0.0.1:{port}"


@contextmanager
def running(command: list[str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Run ``command`` until the block ends, or we do: whoever is killed leaves its end of the pipe closed."""
    with log.open("wb") as output:
        supervisor = ["sh", "-c", UNTIL_EOF, "sh", *command]
        process = subprocess.Popen(supervisor, stdin=subprocess.PIPE, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.communicate(timeout=PATIENCE)


UNTIL_EOF = 'setsid "$@" & group=$!; cat >/dev/null; kill -s TERM -- "-$group"; wait "$group"'
"""A group of its own, since servers' processes are many; a death signal would be lost when they change user."""


def free_port(address: str) -> int:
    with socket.socket() as found:
        found.bind((address, 0))
        return int(found.getsockname()[1])


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, zone: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            dns.query.udp(dns.message.make_query(zone, "SOA"), "127.0.0.1", timeout=0.2, port=port)
        except (dns.exception.DNSException, OSError):
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"NSD did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
