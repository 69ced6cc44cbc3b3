"""A file of any size from a request to the disk: a raw body or a multipart one, never held in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from api.errors import RequestRefused
from api.limits import received
from bureau.jobs.files import Incoming

IDLE_SECONDS = 30.0
"""How long a sender may say nothing; a file of gigabytes may take as long as it takes."""

FILE_PART = "file"
LONGEST_VALUE = 64 * 1024
MOST_PARTS = 50


class Sent(NamedTuple):
    """What came beside the file: its name, and the parameters of the query and of the multipart form."""

    file_name: str
    parameters: Mapping[str, str]


async def receive_file(request: Request[Any, Any, Any], incoming: Incoming) -> Sent:
    """Write the file of the request to ``incoming``.

    Raises :class:`RequestRefused` for a body that is cut short, has no file or is encoded, ``UploadTooLarge``.
    """
    parameters = _query(request)
    headers = request.headers
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestRefused("unsupported_media_type", "Send no Content-Encoding; .gz, .zip and .zst files are read.")
    media_type, options = parse_options_header(headers.get("content-type", ""))
    if media_type == "multipart/form-data":
        form = _Form(incoming, parameters)
        await form.read(request, options.get("boundary", ""))
        return Sent(parameters.pop("file_name", form.file_name), parameters)
    async for piece in _pieces(request):
        await incoming.write(piece)
    _, disposition = parse_options_header(headers.get("content-disposition", ""))
    return Sent(parameters.pop("file_name", disposition.get("filename", "")), parameters)


def _query(request: Request[Any, Any, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        _add(found, name, str(value))
    return found


def _add(parameters: dict[str, str], name: str, value: str) -> None:
    if name in parameters:
        raise RequestRefused("invalid_parameter", "A parameter is given more than once.")
    parameters[name] = value


async def _pieces(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                message = await received(request)
        except TimeoutError:
            raise RequestRefused("incomplete_body", f"Nothing of the file came for {IDLE_SECONDS:g} s.") from None
        if message["type"] != "http.request":
            raise RequestRefused("incomplete_body", "The connection closed before the whole file had arrived.")
        if message["body"]:
            yield message["body"]
        if not message.get("more_body"):
            return


class _Form:
    """A multipart body as it is parsed: one part is the file, the others are parameters."""

    def __init__(self, incoming: Incoming, parameters: dict[str, str]) -> None:
        self.file_name = ""
        self._incoming = incoming
        self._parameters = parameters
        self._part: MultipartSegment | None = None
        self._value = bytearray()
        self._files = 0

    async def read(self, request: Request[Any, Any, Any], boundary: str) -> None:
        try:
            with PushMultipartParser(boundary, max_segment_count=MOST_PARTS) as parser:
                async for piece in _pieces(request):
                    for event in parser.parse(piece):
                        await self._take(event)
        except MultipartError:
            raise RequestRefused("incomplete_body", "The body is not one complete multipart/form-data form.") from None
        if self._files != 1:
            raise RequestRefused("invalid_parameter", f'The form must have one file, in the part "{FILE_PART}".')

    async def _take(self, event: MultipartSegment | bytearray | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._part, self._value = event, bytearray()
            if event.name == FILE_PART:
                self._files += 1
                self.file_name = event.filename or ""
        elif event is None:
            if self._part and self._part.name and self._part.name != FILE_PART:
                _add(self._parameters, self._part.name, self._value.decode("utf-8", "replace"))
        elif self._part and self._part.name == FILE_PART:
            await self._incoming.write(bytes(event))
        else:
            self._value += event
            if len(self._value) > LONGEST_VALUE:
                raise RequestRefused("invalid_parameter", f"A parameter may have at most {LONGEST_VALUE} bytes.")
