"""Does memory stay flat? A million addresses of 400,000 domains, most of which do not exist, in calls of 10,000.

``--addresses 100000`` is a shorter run. The caches are bounded, so what grows after they are full would be a leak.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from domains import zone
from measure import figure
from name_server import NotInstalled, name_server

from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.model.query import Depth

DOMAINS, CALL = 400_000, 10_000
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """MiB of this process in memory now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE // 2**20


async def ours(server: str, count: int) -> None:
    draw = random.Random(7)
    started = time.perf_counter()
    async with EmailVerifier(ResolverSettings((server,))) as verifier:
        for done in range(CALL, count + 1, CALL):
            texts = [f"joao.silva{done + n}@empresa{draw.randrange(DOMAINS)}.com.br" for n in range(CALL)]
            verdicts = await verifier.verify(texts, Depth.DNS, 60.0)
            assert not any(verdict.pending for verdict in verdicts), "a benchmark of what was not done measures nothing"
            if done % (count // 5) == 0:
                figure(f"memory after {done:,} addresses", resident(), "MiB")
    figure("DNS verdicts, two domains in five new", round(count / (time.perf_counter() - started)), "1/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    wanted = parser.parse_args().addresses
    try:
        with tempfile.TemporaryDirectory() as home, name_server(Path(home), {"br.": zone()}) as address:
            uvloop.run(ours(address, wanted))
    except NotInstalled as missing:
        print(missing, file=sys.stderr)
        sys.exit(3)
