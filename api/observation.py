"""What every response carries and every request is counted by, in one hook on the start of the response."""

from litestar.types import Message, Scope

from api.replies import request_id


async def observe(message: Message, scope: Scope) -> None:
    """Add the request id and the allowance headers."""
    if message["type"] != "http.response.start":
        return
    headers = [*message["headers"], (b"x-request-id", request_id(scope).encode())]
    headers += scope["state"].get("headers", ())
    message["headers"] = headers
