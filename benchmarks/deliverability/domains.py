"""DNS verdicts cold and warm over a local server, beside email-validator's own deliverability check."""

import random
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop
from dns.resolver import LRUCache, Resolver
from email_validator import EmailNotValidError, validate_email
from measure import figure
from name_server import name_server

from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.model.query import Depth

ADDRESSES, DOMAINS = 100_000, 8_000
PEER = 10_000  # addresses the slower peer is given, and we too, for a fair comparison


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
    with tempfile.TemporaryDirectory() as home, name_server(Path(home), DOMAINS) as address:
        uvloop.run(ours(address, wanted))
        library(address, wanted[:PEER])
