"""Messages out, until each is accepted, given up, or its receiver is gone. Any number of processes may send."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpcore

from bureau.errors import StoreUnavailable
from bureau.settings import Settings
from bureau.store import Store
from bureau.webhooks.ladder import wait_after
from bureau.webhooks.network import ForbiddenAddress, PublicNetwork
from bureau.webhooks.signature import signed_headers

ANSWER_SECONDS = 20.0  # the standard recommends 15 to 30
LEASE_SECONDS = 60.0
AT_ONCE = 20
POLL_SECONDS = 1.0
PURGE_SECONDS = 3_600.0

log = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What the receiver said: a status, or why there is none."""

    status: int | None
    problem: str | None

    @property
    def accepted(self) -> bool:
        """2xx and nothing else: a redirect is not followed, and means that nobody took the message."""
        return self.status is not None and 200 <= self.status < 300


class WebhookSender:
    """Sends what is due; ``seconds`` is the clock that messages are stamped with."""

    def __init__(self, store: Store, settings: Settings, seconds: Callable[[], float] = time.time) -> None:
        self._store = store
        self._keep_seconds = settings.webhook_log_days * 86_400
        self._seconds = seconds
        self._chance = random.Random()  # noqa: S311  # jitter
        self._pool = httpcore.AsyncConnectionPool(
            network_backend=PublicNetwork(settings.webhook_loopback), max_keepalive_connections=0
        )

    async def run(self) -> None:
        """Send for ever; a database that is away is waited for."""
        purge_at = 0.0
        while True:
            try:
                if time.monotonic() >= purge_at:
                    await self._store.fetch("webhooks.purge", self._keep_seconds)
                    purge_at = time.monotonic() + PURGE_SECONDS
                sent = await self.send_due()
            except StoreUnavailable:
                sent = 0
            except Exception:
                # Nobody would be told anything any more, in silence: say so, go on with the others.
                log.exception("webhooks: a message could not be handled; going on")
                sent = 0
            if not sent:
                await asyncio.sleep(POLL_SECONDS)

    async def send_due(self) -> int:
        """Send every message that is due, together; how many there were."""
        due = await self._store.fetch("webhooks.due", LEASE_SECONDS, AT_ONCE)
        await asyncio.gather(*(self._send(row) for row in due))
        return len(due)

    async def close(self) -> None:
        await self._pool.aclose()

    async def _send(self, message: Mapping[str, Any]) -> None:
        began = time.monotonic()
        outcome = await self._posted(message)
        milliseconds = round((time.monotonic() - began) * 1000)
        wait = None if outcome.accepted else wait_after(message["attempts"], self._chance)
        state = "delivered" if outcome.accepted else "pending" if wait is not None else "failed"
        async with self._store.transaction() as transaction:
            if outcome.status == 410:
                await transaction.fetch("webhooks.hold", message["webhook"])
            await transaction.fetch("webhooks.attempted", message["id"], outcome.status, outcome.problem, milliseconds)
            await transaction.fetch("webhooks.settle", message["id"], state, wait or 0.0)
            if outcome.status == 410:
                await transaction.fetch("webhooks.disable", message["webhook"], "The receiver answered 410 Gone.")

    async def _posted(self, message: Mapping[str, Any]) -> Outcome:
        secrets = [secret for secret in (message["secret"], message["former_secret"]) if secret]
        headers = {
            **signed_headers(message["id"], int(self._seconds()), message["body"], secrets),
            "content-type": "application/json",
            "user-agent": "Bureau-Webhooks",
        }
        patience = dict.fromkeys(("connect", "read", "write", "pool"), ANSWER_SECONDS)
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),  # of the whole: a receiver may also answer a byte at a time
                self._pool.stream(
                    "POST",
                    message["url"],
                    headers=_encoded(headers, message["url"]),
                    content=message["body"],
                    extensions={"timeout": patience},
                ) as answer,
            ):
                return Outcome(int(answer.status), None)
        except ForbiddenAddress:
            return Outcome(None, "forbidden_address")
        except (TimeoutError, httpcore.TimeoutException):
            return Outcome(None, "timed_out")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as problem:
            return Outcome(None, _named(problem))


def _encoded(headers: Mapping[str, str], url: str) -> list[tuple[bytes, bytes]]:
    host = httpcore.URL(url)
    named = host.host if host.port is None else b"%b:%d" % (host.host, host.port)
    return [(b"host", named), *((name.encode(), value.encode()) for name, value in headers.items())]


def _named(problem: Exception) -> str:
    if "certificate" in str(problem).lower():
        return "certificate_refused"
    return "connection_failed" if isinstance(problem, httpcore.ConnectError) else "no_valid_answer"
