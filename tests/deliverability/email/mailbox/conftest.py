"""A mail server on loopback that says what a script tells it."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest


class ScriptedServer:
    """``script``: first word(s) of a command, or ``BANNER`` → reply lines; an empty reply is silence, ``!`` hangs up.

    ``RCPT`` may be told apart by address. Everything not in the script is answered ``250 ok``. After ``limit``
    recipients of a session the next is answered with ``closing``.
    """

    def __init__(self) -> None:
        self.script: dict[str, str] = {}
        self.heard: list[str] = []
        self.port = 0
        self.limit = 1000
        self.closing = "421 4.7.0 Error: too many errors"
        self.ended = asyncio.Semaphore(0)

    def reply(self, command: str) -> str:
        if command.upper().startswith("RCPT TO:"):
            address = command[8:].strip("<> ")
            return self.script.get(address) or self.script.get("RCPT", "250 2.1.5 ok")
        verb = re.split("[ :]", command, maxsplit=1)[0].upper()
        default = {"BANNER": "220 mx.exemplo.com.br ESMTP", "QUIT": "221 bye"}.get(verb, "250 ok")
        return self.script.get(verb, default)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command, named = "BANNER", 0
        try:
            while True:
                named += command.startswith("RCPT")
                reply = self.closing if named > self.limit else self.reply(command)
                if reply == "!":
                    break
                if reply:
                    writer.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
                    await writer.drain()
                if reply.startswith("421") or command.startswith("QUIT"):
                    break
                line = await reader.readline()
                if not line:
                    break
                command = line.decode().rstrip("\r\n")
                self.heard.append(command)
        except ConnectionError:
            pass
        finally:
            writer.close()
            self.ended.release()


@pytest.fixture
async def mail_server() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer()
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    yield scripted
    server.close()
