"""DNS verdicts cold and warm over a local server, beside email-validator's own deliverability check."""

import random
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop
from dns.resolver import LRUCache, Resolver
from email_validator import EmailNotValidError, validate_email
from measure import figure
from name_server import NotInstalled, name_server

from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.model.query import Depth

ADDRESSES, DOMAINS = 100_000, 8_000
PEER = 10_000  # addresses the slower peer is given, and we too, for a fair comparison


def zone() -> str:
    """Own exchangers (60 %), a shared provider's (30 %), implicit (3 %), null (2 %), dangling (2 %), none (3 %)."""
    draw = random.Random(7)
    lines = ["$ORIGIN com.br."]
    for number in range(DOMAINS):
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


def addresses() -> list[str]:
    """Every domain at least once, the rest after Zipf."""
    draw = random.Random(7)
    popular = draw.choices(range(DOMAINS), [1 / (rank + 1) for rank in range(DOMAINS)], k=ADDRESSES - DOMAINS)
    found = [f"joao.silva{n}@empresa{domain}.com.br" for n, domain in enumerate([*range(DOMAINS), *popular])]
    draw.shuffle(found)
    return found


async def ours(server: str, texts: list[str]) -> None:
    async with EmailVerifier(ResolverSettings((server,))) as verifier:
        started = time.perf_counter()
        await verifier.verify(texts[:PEER], Depth.DNS, 60.0)
        figure("DNS verdicts, cold, the peer's share", round(PEER / (time.perf_counter() - started)), "1/s")
    async with EmailVerifier(ResolverSettings((server,))) as verifier:
        for what in ("DNS verdicts, cold", "DNS verdicts, warm"):
            started, worked = time.perf_counter(), time.process_time()
            verdicts = await verifier.verify(texts, Depth.DNS, 60.0)
            figure(what, round(len(texts) / (time.perf_counter() - started)), "1/s")
            figure(f"{what}, own work", round(len(texts) / (time.process_time() - worked)), "1/CPU second")
    for reason, count in Counter(verdict.reason.value for verdict in verdicts).most_common():
        figure(f"  of which {reason}", count, "addresses")
    figure("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MiB")


def library(server: str, texts: list[str]) -> None:
    host, port = server.split(":")
    resolver = Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.cache = [host], int(port), LRUCache()
    started = time.perf_counter()
    for text in texts:
        try:
            validate_email(text, dns_resolver=resolver)
        except EmailNotValidError:
            continue
    figure("email-validator with DNS and its cache", round(len(texts) / (time.perf_counter() - started)), "1/s")


if __name__ == "__main__":
    wanted = addresses()
    try:
        with tempfile.TemporaryDirectory() as home, name_server(Path(home), {"br.": zone()}) as address:
            uvloop.run(ours(address, wanted))
            library(address, wanted[:PEER])
    except NotInstalled as missing:
        print(missing, file=sys.stderr)
        sys.exit(3)
