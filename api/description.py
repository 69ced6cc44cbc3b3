"""What a route says of itself in the OpenAPI document, attached to its handler so that the two cannot drift."""

from typing import Any

import msgspec

OPTION = "described"


class Described(msgspec.Struct, frozen=True):
    """What a handler takes and gives.

    ``body`` and ``answer`` are Structs (or None: nothing, and plain text); ``examples`` are request bodies by name;
    ``charged`` routes take an ``Idempotency-Key``; ``media_type`` is that of the answer; ``parameters`` are OpenAPI
    parameters, of the query or the path; ``status`` is that of success; ``content`` says of a body that is no JSON what
    it is. ``more`` are further answers by status: media types and their schemas, added to those of ``media_type``.
    """

    body: Any = None
    answer: Any = None
    examples: dict[str, Any] = {}
    charged: bool = False
    media_type: str = "application/json"
    parameters: tuple[dict[str, Any], ...] = ()
    status: int = 200
    content: dict[str, Any] | None = None
    more: dict[int, dict[str, Any]] = {}

    def as_option(self) -> dict[str, Any]:
        return {OPTION: self}
