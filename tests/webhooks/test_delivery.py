"""Messages to a real receiver on loopback: signed as the standard says, tried again, given up, replayed."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from bureau.ids import ClientId
from bureau.settings import Settings
from bureau.store import Store
from bureau.webhooks.delivery import WebhookSender
from bureau.webhooks.endpoints import (
    create_webhook,
    deliveries,
    list_webhooks,
    remove_webhook,
    replay,
    rotate_secret,
)
from bureau.webhooks.ladder import WAITS
from bureau.webhooks.messages import Event, tell

ACME = ClientId("acme")
AT = 1_790_000_000.0


class Receiver:
    """An HTTP server that answers every request with ``status`` and keeps what came."""

    def __init__(self) -> None:
        self.status = 204
        self.requests: list[tuple[dict[str, str], bytes]] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.requests.append((headers, await reader.readexactly(int(headers["content-length"]))))
        elsewhere = f"Location: {self.url}/elsewhere\r\n" if self.status in (301, 307) else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{elsewhere}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def sender(store: Store, store_settings: Settings) -> AsyncIterator[WebhookSender]:
    settings = msgspec.structs.replace(store_settings, webhook_loopback=True)
    made = WebhookSender(store, settings, seconds=lambda: AT)
    yield made
    await made.close()


async def told(store: Store, client: ClientId = ACME, event: Event = Event.JOB_COMPLETED) -> None:
    async with store.transaction() as transaction:
        await tell(transaction, client, event, {"job": "job_1"})


async def due_now(store: Store) -> None:
    async with store.session() as connection:
        await connection.execute("UPDATE webhook_delivery SET next_at = now()")


def signature(secret: str, headers: dict[str, str], body: bytes) -> str:
    """As a receiver would compute it, from the text of the standard."""
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def test_a_message_is_signed_thin_and_sent_once(store: Store, sender: Any, receiver: Receiver) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, [Event.JOB_COMPLETED], loopback=True)
    await told(store)
    await told(store, event=Event.JOB_FAILED)
    await told(store, client=ClientId("other"))
    assert [1, 0] == [await sender.send_due(), await sender.send_due()]
    ((headers, body),) = receiver.requests
    assert webhook.secret
    assert signature(webhook.secret, headers, body) == headers["webhook-signature"]
    assert str(int(AT)) == headers["webhook-timestamp"]
    message = json.loads(body)
    assert ("job.completed", {"job": "job_1"}) == (message["type"], message["data"])
    (delivery,) = await deliveries(store, ACME, webhook.id)
    assert (headers["webhook-id"], "delivered", [204]) == (
        delivery.id,
        delivery.state,
        [t.status for t in delivery.tries],
    )


async def test_nothing_is_told_of_what_was_rolled_back(store: Store, sender: Any, receiver: Receiver) -> None:
    await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    with suppress(ZeroDivisionError):
        async with store.transaction() as transaction:
            await tell(transaction, ACME, Event.JOB_COMPLETED, {})
            raise ZeroDivisionError
    assert 0 == await sender.send_due()


@pytest.mark.parametrize("status", [301, 307, 400, 500, 503])
async def test_what_is_not_accepted_is_tried_again_with_the_same_id(
    store: Store, sender: Any, receiver: Receiver, status: int
) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    await told(store)
    receiver.status = status
    await sender.send_due()
    assert 0 == await sender.send_due()  # five seconds have not passed
    receiver.status = 200
    await due_now(store)
    await sender.send_due()
    assert 1 == len({headers["webhook-id"] for headers, _ in receiver.requests})
    (delivery,) = await deliveries(store, ACME, webhook.id)
    assert ("delivered", [status, 200]) == (delivery.state, [attempt.status for attempt in delivery.tries])


async def test_after_the_last_step_of_the_ladder_it_has_failed_and_can_be_replayed(
    store: Store, sender: Any, receiver: Receiver
) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    await told(store)
    receiver.status = 500
    for _ in range(len(WAITS) + 2):
        await sender.send_due()
        await due_now(store)
    assert len(WAITS) == len(receiver.requests)
    (delivery,) = await deliveries(store, ACME, webhook.id)
    assert ("failed", None) == (delivery.state, delivery.next_at)
    receiver.status = 200
    assert not await replay(store, ClientId("other"), webhook.id, delivery.id)
    assert await replay(store, ACME, webhook.id, delivery.id)
    assert 1 == await sender.send_due()
    assert "delivered" == (await deliveries(store, ACME, webhook.id))[0].state


async def test_many_messages_that_are_refused_for_good_at_once(store: Store, sender: Any, receiver: Receiver) -> None:
    await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    for _ in range(5):
        for _ in range(16):
            await told(store)
        receiver.status = 410
        await sender.send_due()
        (webhook,) = await list_webhooks(store, ACME)
        assert webhook.disabled_at
        assert {"failed"} == {one.state for one in await deliveries(store, ACME, webhook.id)}
        await rotate_secret(store, ACME, webhook.id)


async def test_410_disables_until_the_secret_is_made_anew(store: Store, sender: Any, receiver: Receiver) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    await told(store)
    await told(store)
    receiver.status = 410
    await sender.send_due()
    (shown,) = await list_webhooks(store, ACME)
    assert shown.disabled_at
    await told(store)
    await due_now(store)
    assert 0 == await sender.send_due()
    await rotate_secret(store, ACME, webhook.id)
    receiver.status = 200
    await told(store)
    assert 1 == await sender.send_due()


async def test_while_a_secret_is_rotated_both_sign(store: Store, sender: Any, receiver: Receiver) -> None:
    before = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    after = await rotate_secret(store, ACME, before.id)
    await told(store)
    await sender.send_due()
    ((headers, body),) = receiver.requests
    assert after
    assert before.secret
    assert after.secret
    wanted = [signature(secret, headers, body) for secret in (after.secret, before.secret)]
    assert wanted == headers["webhook-signature"].split(" ")
    assert (await list_webhooks(store, ACME))[0].secret is None


async def test_private_addresses_are_not_called_without_the_operators_word(
    store: Store, store_settings: Settings, receiver: Receiver
) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    await told(store)
    guarded = WebhookSender(store, store_settings)
    await guarded.send_due()
    await guarded.close()
    assert [] == receiver.requests
    (delivery,) = await deliveries(store, ACME, webhook.id)
    assert ["forbidden_address"] == [attempt.problem for attempt in delivery.tries]


async def test_a_receiver_that_is_not_there_is_a_failed_attempt(store: Store, sender: Any, receiver: Receiver) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    await receiver.stop()
    await told(store)
    await sender.send_due()
    (delivery,) = await deliveries(store, ACME, webhook.id)
    assert (["connection_failed"], "pending") == ([one.problem for one in delivery.tries], delivery.state)


async def test_two_workers_send_a_message_once(
    store: Store, store_settings: Settings, sender: Any, receiver: Receiver
) -> None:
    await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    for _ in range(5):
        await told(store)
    other = WebhookSender(store, msgspec.structs.replace(store_settings, webhook_loopback=True))
    assert 5 == sum(await asyncio.gather(sender.send_due(), other.send_due()))
    await other.close()
    assert 5 == len({headers["webhook-id"] for headers, _ in receiver.requests}) == len(receiver.requests)


async def test_a_webhook_is_its_clients_alone(store: Store, receiver: Receiver) -> None:
    webhook = await create_webhook(store, ACME, receiver.url, list(Event), loopback=True)
    stranger = ClientId("other")
    assert [] == await list_webhooks(store, stranger)
    assert await rotate_secret(store, stranger, webhook.id) is None
    assert not await remove_webhook(store, stranger, webhook.id)
    assert await remove_webhook(store, ACME, webhook.id)
    assert [] == await list_webhooks(store, ACME)
