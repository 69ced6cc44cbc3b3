"""Reading a request body within bounds: size on the wire, size after decompression, type, and patience."""

import asyncio
import zlib
from typing import Any

import zstandard
from litestar import Request

from api.errors import RequestRefused
from api.replies import BODY_READ

BODY_SECONDS = 30.0
"""How long a body may take to arrive; the server below has no limit of its own."""

_ZSTD_STEP = 128
"""Compressed bytes fed at once: at most 32 blocks, which cannot grow beyond 128 KiB each (RFC 8878 §3.1.1.2.4)."""

_ACCEPTED = ((b"accept-encoding", b"zstd, gzip"),)


async def raw_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The bytes of the request as they came, whatever they are said to be: Amazon SNS posts JSON as text/plain."""
    return await _read(request, limit)


async def json_body(request: Request[Any, Any, Any], limit: int) -> bytes:
    """The JSON bytes of the request, decompressed, at most ``limit`` bytes before and after decompression.

    Raises :class:`RequestRefused`: 415 for another media type or coding, 413 when too large, 400 when truncated.
    """
    media_type, coding, length = b"", b"", None
    for name, value in request.scope["headers"]:
        if name == b"content-type":
            media_type = media_type + b", " + value if media_type else value
        elif name == b"content-encoding":  # repeated, it is one list (RFC 9110 §5.3)
            coding = coding + b", " + value if coding else value
        elif name == b"content-length":
            length = value
    _check_media_type(media_type)
    if length and length.isdigit() and int(length[:19]) > limit:
        raise too_large(limit)
    body = await _read(request, limit)
    coding = coding.strip().lower()
    return _decompressed(body, coding, limit) if coding and coding != b"identity" else body


def too_large(limit: int) -> RequestRefused:
    return RequestRefused("body_too_large", f"The body may have at most {limit} bytes, decompressed.")


def _check_media_type(value: bytes) -> None:
    if value == b"application/json":
        return
    essence, _, parameters = value.lower().partition(b";")
    charset = parameters.replace(b'"', b"").replace(b" ", b"")
    if essence.strip() != b"application/json" or charset not in {b"", b"charset=utf-8"}:
        headers = ((b"accept", b"application/json"),)
        raise RequestRefused(
            "unsupported_media_type", "Send application/json in UTF-8 (Content-Type).", headers=headers
        )


async def received(request: Request[Any, Any, Any]) -> Any:
    """The next ASGI message of the request; once its body is at an end, replies need not wait for more of it."""
    message = await request.receive()
    if message["type"] != "http.request" or not message.get("more_body"):
        request.scope["state"][BODY_READ] = True
    return message


async def _read(request: Request[Any, Any, Any], limit: int) -> bytes:
    message = await received(request)
    if message["type"] == "http.request" and not message.get("more_body"):  # nearly always the only message
        first: bytes = message["body"]
        if len(first) > limit:
            raise too_large(limit)
        return first
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_parts(message, request, limit)
    except TimeoutError:
        raise RequestRefused("incomplete_body", f"The body took more than {BODY_SECONDS:g} s.") from None


async def _read_parts(message: Any, request: Request[Any, Any, Any], limit: int) -> bytes:
    parts = bytearray()
    while True:
        if message["type"] != "http.request":
            raise RequestRefused("incomplete_body", "The connection closed before the whole body had arrived.")
        parts += message.get("body", b"")
        if len(parts) > limit:
            raise too_large(limit)
        if not message.get("more_body"):
            return bytes(parts)
        message = await received(request)


def _decompressed(body: bytes, coding: bytes, limit: int) -> bytes:
    """``body`` without its coding; never holds more than ``limit`` + 4 MiB, whatever the body promises."""
    if coding in {b"gzip", b"x-gzip"}:
        return _gunzipped(body, limit)
    if coding == b"zstd":
        return _unzstd(body, limit)
    raise RequestRefused("unsupported_media_type", "Content-Encoding may be gzip or zstd, once.", headers=_ACCEPTED)


def _gunzipped(body: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error:
        raise _damaged("gzip") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not stream.eof or stream.unused_data:
        raise _damaged("gzip")
    return plain


def _unzstd(body: bytes, limit: int) -> bytes:
    # A frame may ask for a window of gigabytes; 8 MiB is what RFC 9659 allows for this coding.
    stream = zstandard.ZstdDecompressor(max_window_size=1 << 23)
    try:
        frame = stream.decompressobj()
        plain = bytearray()
        for start in range(0, len(body), _ZSTD_STEP):
            plain += frame.decompress(body[start : start + _ZSTD_STEP])
            if len(plain) > limit:
                raise too_large(limit)
    except zstandard.ZstdError:
        raise _damaged("zstd") from None
    if not frame.eof or frame.unused_data:
        raise _damaged("zstd")
    return bytes(plain)


def _damaged(coding: str) -> RequestRefused:
    return RequestRefused("malformed_encoding", f"The body is not one complete {coding} stream.")
