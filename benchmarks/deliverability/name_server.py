"""An NSD of our own on loopback, serving invented zones."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = "127.0.0.1:15353"

CONFIGURATION = """server:
  ip-address: 127.0.0.1
  port: 15353
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
zone:
  name: "br."
  zonefile: "br.zone"
"""

HEADER = """$ORIGIN com.br.
$TTL 3600
br. SOA ns1.br. h.br. 1 3600 600 86400 60
br. NS ns1.br.
ns1.br. A 127.0.0.1
"""


def zone(domains: int) -> str:
    """Own exchangers (60 %), a shared provider's (30 %), implicit (3 %), null (2 %), dangling (2 %), none (3 %)."""
    draw = random.Random(7)
    lines = [HEADER]
    for number in range(domains):
        kind = draw.choices(["own", "shared", "implicit", "null", "dangling", "none"], [60, 30, 3, 2, 2, 3])[0]
        name = f"empresa{number}"
        lines += {
            "own": [f"{name} MX 10 mx.{name}", f"mx.{name} A 93.184.215.{number % 250 + 1}"],
            "shared": [f"{name} MX 10 mx{number % 20}.provedor"],
            "implicit": [f"{name} A 93.184.215.14"],
            "null": [f"{name} MX 0 ."],
            "dangling": [f"{name} MX 10 mx.sumiu{number}"],
            "none": [],
        }[kind]
    lines += [f"mx{number}.provedor A 93.184.216.{number + 1}" for number in range(20)]
    return "\n".join(lines) + "\n"


@contextmanager
def name_server(home: Path, domains: int) -> Iterator[str]:
    """Run NSD until the block ends; its address."""
    program = shutil.which("nsd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        sys.exit("NSD is needed: apt-get install nsd")
    (home / "br.zone").write_text(zone(domains), encoding="ascii")
    configuration = home / "nsd.conf"
    configuration.write_text(CONFIGURATION.format(home=home), encoding="ascii")
    process = subprocess.Popen([program, "-d", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.5)
        if process.poll() is not None:
            sys.exit("NSD did not start; is its port taken?")
        yield ADDRESS
    finally:
        process.terminate()
        process.wait()
