"""``POST /echo``: what the server costs when it does nothing. Registered by the benchmark's setting only."""

from typing import Any

from litestar import Request, post

from api.limits import json_body
from api.replies import Reply


@post("/echo", operation_id="echo", status_code=200)
async def echo(request: Request[Any, Any, Any]) -> Reply:
    return Reply(await json_body(request, 1_000_000))
