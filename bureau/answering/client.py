"""A worker's side of its answering process: start it, ask it, notice when it is gone."""

import asyncio
import socket
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from bureau.answering.messages import HEAD, Enrich, Holdings, Match, Opened, Outcome, Outcomes, Question, framed
from bureau.answering.process import Opening
from bureau.errors import AnsweringFailed, PopulationUnavailable
from bureau.ids import EntityId, PopulationId
from bureau.model.query import EnrichRequest, Kind
from bureau.population.manifest import Manifest, read_manifest
from bureau.population.reader import entity_id_of
from bureau.population.secret import home_secret
from bureau.privacy.holdings import Held
from bureau.settings import Settings

STOP_SECONDS = 5.0
"""How long a process that was told to end may finish what it is at."""

PATIENCE_SECONDS = 60.0
"""What is silent on a question for so long hangs: 128 batches of 100 records, asked at once, are answered in 2 s."""

_BUFFERED = 1 << 22  # bytes, some groups' answers: with less in its buffer a stream stops and starts its socket


class AnsweringProcess:
    """One process that answers from one population. Questions are answered in the order in which they are asked; one
    may be asked while others wait."""

    def __init__(
        self, manifest: Manifest, secret: bytes, process: Process, channel: tuple[StreamReader, StreamWriter]
    ) -> None:
        self.manifest = manifest
        self.lost = False
        self._secret = secret
        self._process = process
        self._reader, self._writer = channel
        self._waiting: deque[asyncio.Future[bytes]] = deque()
        self._hearing = asyncio.create_task(self._hear(), name="answers")

    @classmethod
    async def start(cls, settings: Settings, population: PopulationId) -> "AnsweringProcess":
        """Return when it can answer; seconds, as a population is brought into memory and the code is warmed up.

        Raises ``PopulationUnavailable`` with the reason if it cannot.
        """
        home, lists = settings.home, settings.do_not_call
        manifest, secret = read_manifest(home / "populations" / population), home_secret(home)
        ours, theirs = socket.socketpair()
        opening = Opening(str(home), population, str(lists) if lists else None, settings.log_level)
        command = [sys.executable, "-m", "bureau.answering", msgspec.json.encode(opening).decode()]
        with theirs:
            process = await asyncio.create_subprocess_exec(*command, stdin=theirs.fileno())
        channel = await asyncio.open_connection(sock=ours, limit=_BUFFERED)
        started = cls(manifest, secret, process, channel)
        try:
            opened = _OPENED.decode(await started._next())
            if opened.problem:
                raise PopulationUnavailable(opened.problem)
        except BaseException:
            await started.close()
            raise
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    async def enrich(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        """An answer to each, or why there is none. Raises ``PopulationUnavailable`` if the process is gone or hangs."""
        return _OUTCOMES.decode(await self._ask(Enrich(list(requests)))).each()

    async def match(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        """As :meth:`enrich`, without contacts and with several candidates."""
        return _OUTCOMES.decode(await self._ask(Match(list(requests)))).each()

    async def holdings(self, kind: Kind, tax_id: int) -> Held:
        """``privacy.holdings.held``. Raises as :meth:`enrich` does."""
        return _HELD.decode(await self._ask(Holdings(kind, tax_id)))

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId:
        """The id that whoever has this tax id has in every population."""
        return entity_id_of(kind, tax_id, self._secret)

    async def close(self) -> None:
        """End it, whatever it is at."""
        self._writer.close()
        self._hearing.cancel()
        with suppress(asyncio.CancelledError):
            await self._hearing
        self._lose()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _ask(self, question: Question) -> bytes:
        if self.lost:
            raise _gone()
        self._writer.write(framed(question))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                message = await self._next()
        except TimeoutError:
            with suppress(ProcessLookupError):  # others may have lost their patience too
                self._process.kill()
            raise _gone() from None
        if not message:
            raise AnsweringFailed("A question could not be answered.")
        return message

    def _next(self) -> asyncio.Future[bytes]:
        """The reply that comes after those that others wait for."""
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(reply)
        return reply

    async def _hear(self) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await self._reader.readexactly(HEAD), "big")
                message = await self._reader.readexactly(length)
                reply = self._waiting.popleft()
                if not reply.done():  # whoever asked may have given up
                    reply.set_result(message)
        self._lose()

    def _lose(self) -> None:
        self.lost = True
        while self._waiting:
            reply = self._waiting.popleft()
            if not reply.done():
                reply.set_exception(_gone())


def _gone() -> PopulationUnavailable:
    return PopulationUnavailable("The process that answers has ended and is being replaced; nothing was charged.")


_OPENED = msgspec.msgpack.Decoder(Opened)
_OUTCOMES = msgspec.msgpack.Decoder(Outcomes)
_HELD = msgspec.msgpack.Decoder(Held)
