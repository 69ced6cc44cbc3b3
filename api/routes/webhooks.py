"""``/v1/webhooks``: where a client wants to be told that a job has ended."""

from typing import Any

import msgspec
from litestar import Request, delete, post

from api.auth import caller
from api.decoding import decoded
from api.description import Described
from api.errors import Fault, RequestRefused
from api.examples import WEBHOOKS
from api.limits import json_body
from api.methods import get
from api.path_ids import path_id
from api.replies import Reply
from api.schemas.jobs import DELIVERY, WEBHOOK, Deliveries, NewWebhook, Replayed, Webhooks
from api.services import require_services
from bureau.errors import InvalidArgument
from bureau.webhooks import endpoints
from bureau.webhooks.endpoints import Webhook

_new = msgspec.json.Decoder(NewWebhook)
_encode = msgspec.json.Encoder().encode


@post(
    "/webhooks",
    operation_id="createWebhook",
    summary="Be told when a job ends",
    status_code=201,
    opt=Described(NewWebhook, Webhook, WEBHOOKS, status=201).as_option(),
)
async def create(request: Request[Any, Any, Any]) -> Reply:
    """Messages are signed as Standard Webhooks 1.0 says, with the `secret` of this answer: it is not shown again."""
    services = require_services(request.scope)
    wanted = decoded(_new, await json_body(request, services.settings.body_limit_bytes))
    loopback = services.settings.webhook_loopback
    try:
        made = await endpoints.create_webhook(
            services.store, caller(request).client, wanted.url, wanted.events, loopback
        )
    except InvalidArgument as error:
        raise RequestRefused("invalid_body", str(error), [Fault("/url", "unusable_url", str(error))]) from None
    return Reply(_encode(made), 201)


@get("/webhooks", operation_id="webhooks", summary="Your webhooks", opt=Described(answer=Webhooks).as_option())
async def list_all(request: Request[Any, Any, Any]) -> Reply:
    store = require_services(request.scope).store
    return Reply(_encode(Webhooks(await endpoints.list_webhooks(store, caller(request).client))))


@delete("/webhooks/{webhook:str}", operation_id="deleteWebhook", summary="Tell no more, and forget what was told",
        status_code=200, opt=Described(answer=Webhooks, parameters=WEBHOOK).as_option())  # fmt: skip
async def remove(request: Request[Any, Any, Any]) -> Reply:
    store, client = require_services(request.scope).store, caller(request).client
    if not await endpoints.remove_webhook(store, client, path_id(request, "webhook")):
        raise _unknown()
    return Reply(_encode(Webhooks(await endpoints.list_webhooks(store, client))))


@post("/webhooks/{webhook:str}/rotate", operation_id="rotateWebhook", summary="A new secret; both sign for a day",
      status_code=200, opt=Described(answer=Webhook, parameters=WEBHOOK).as_option())  # fmt: skip
async def rotate(request: Request[Any, Any, Any]) -> Reply:
    """A webhook that was disabled (its receiver answered 410) is enabled again."""
    store, client = require_services(request.scope).store, caller(request).client
    found = await endpoints.rotate_secret(store, client, path_id(request, "webhook"))
    if found is None:
        raise _unknown()
    return Reply(_encode(found))


@get("/webhooks/{webhook:str}/deliveries", operation_id="webhookDeliveries", summary="What was told, and how it fared",
     opt=Described(answer=Deliveries, parameters=WEBHOOK).as_option())  # fmt: skip
async def deliveries(request: Request[Any, Any, Any]) -> Reply:
    """The latest hundred messages, each with every attempt."""
    store, client = require_services(request.scope).store, caller(request).client
    webhook = path_id(request, "webhook")
    if webhook not in {one.id for one in await endpoints.list_webhooks(store, client)}:
        raise _unknown()
    return Reply(_encode(Deliveries(await endpoints.deliveries(store, client, webhook))))


@post("/webhooks/{webhook:str}/deliveries/{delivery:str}/replay", operation_id="replayDelivery",
      summary="Send a message again, under its old id", status_code=200,
      opt=Described(answer=Replayed, parameters=DELIVERY).as_option())  # fmt: skip
async def replay(request: Request[Any, Any, Any]) -> Reply:
    store, client = require_services(request.scope).store, caller(request).client
    webhook, delivery = path_id(request, "webhook"), path_id(request, "delivery")
    if not await endpoints.replay(store, client, webhook, delivery):
        raise RequestRefused("not_found", "There is no such message, or its webhook is disabled.")
    return Reply(_encode(Replayed(delivery)))


def _unknown() -> RequestRefused:
    return RequestRefused("not_found", "You have no webhook of that id.")
