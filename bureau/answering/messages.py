"""What a worker and its answering process say to each other: msgpack, each message behind its length.

Both run the same code, so there are no versions and no leniency.
"""

import msgspec

from bureau.enrich.given import Given
from bureau.errors import AnsweringFailed, InvalidRecord
from bureau.model.query import EnrichRequest, Kind

Outcome = Given | InvalidRecord | AnsweringFailed

HEAD = 4
"""Bytes of the length before a message, which is big-endian."""

NO_ANSWER = bytes(HEAD)
"""An empty message: answering the question failed, which is a fault of ours that the process has logged."""


class Enrich(msgspec.Struct, frozen=True, tag=True):
    """Answered by :class:`Outcomes`."""

    requests: list[EnrichRequest]


class Match(msgspec.Struct, frozen=True, tag=True):
    """Answered by :class:`Outcomes`."""

    requests: list[EnrichRequest]


class Holdings(msgspec.Struct, frozen=True, tag=True):
    """What is held of a tax id; answered by ``privacy.holdings.Held``."""

    kind: Kind
    tax_id: int


Question = Enrich | Match | Holdings


class Unusable(msgspec.Struct, frozen=True):
    """An ``InvalidRecord``: of the request at ``place``, what is wrong and where."""

    place: int
    message: str
    pointer: str
    code: str


class Outcomes(msgspec.Struct, frozen=True):
    """An answer for each request, in order; ``None`` for those that are ``unusable`` and those that ``failed``, which
    is a fault of ours that the process has logged."""

    answers: list[Given | None]
    unusable: list[Unusable] = []
    failed: list[int] = []

    def each(self) -> list[Outcome]:
        """An answer or the reason for none, in the order of the requests."""
        every: list[Outcome | None] = list(self.answers)
        for one in self.unusable:
            every[one.place] = InvalidRecord(one.message, one.pointer, one.code)
        return [outcome or AnsweringFailed("A record could not be answered.") for outcome in every]


class Opened(msgspec.Struct, frozen=True):
    """The first thing an answering process says; ``problem`` if it cannot answer."""

    problem: str | None = None


def framed(message: object) -> bytes:
    """The message as it goes over the socket."""
    body = _encode(message)
    return len(body).to_bytes(HEAD, "big") + body


_encode = msgspec.msgpack.Encoder().encode
