"""The rig: name server, mail servers and greylisting of its own on loopback, all gone when the tests are.

It needs root (Postfix gives up root's rights, so it must have them) and the packages that ``make rig`` installs. Where
they are missing every test of it is skipped, saying so; ``BUREAU_RIG=required`` makes that a failure.
"""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
import uvloop

from benchmarks.deliverability.name_server import NotInstalled, free_port, name_server
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.routing import RoutingRules
from bureau.deliverability.email.verifier import EmailVerifier
from tests.rig.houses import HOUSES
from tests.rig.matrix import Findings
from tests.rig.postfix import greylisting, mail_servers
from tests.rig.raw_servers import raw_servers
from tests.rig.zones import zones

GREYLISTED_SECONDS = 2
PATIENT = Budget(connect=3.0, banner=6.0, command=6.0)
IMPATIENT = Budget(connect=0.5, banner=1.0, command=1.0)

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class Rig(msgspec.Struct, frozen=True):
    """Where the name server is, and on which port every mail server listens."""

    dns: str
    port: int

    def probing(self, budget: Budget = PATIENT, sender: str | None = None) -> ProbeSettings:
        """A sender nobody has seen, unless given: postgrey remembers them."""
        identity = Identity("sonda.com.br", sender or f"{uuid.uuid4().hex}@sonda.com.br")
        return ProbeSettings(identity, budget, port=self.port, rules=RoutingRules(allow_private=True))

    def verifier(self, probing: ProbeSettings) -> EmailVerifier:
        """A verifier that knows nothing yet."""
        return EmailVerifier(ResolverSettings((self.dns,), 3.0, 2), probing.rules, probing)


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    home = Path(tempfile.mkdtemp(prefix="bureau-rig-"))
    home.chmod(0o755)  # Postfix and postgrey work as users of their own
    try:
        with ExitStack() as stack:
            try:
                if os.geteuid() != 0:
                    raise NotInstalled("the rig needs root, as Postfix does")
                found = _start(stack, home)
            except NotInstalled as missing:
                if os.environ.get("BUREAU_RIG") == "required":
                    raise
                pytest.skip(str(missing))
            yield found
    finally:
        shutil.rmtree(home)


def _start(stack: ExitStack, home: Path) -> Rig:
    port = free_port("127.0.1.1")
    dns = stack.enter_context(name_server(home, zones()))
    places = {"home": str(home)}
    for name, action in (("postgrey", "DEFER_IF_PERMIT"), ("postgrey_first", "DEFER")):
        listens = free_port("127.0.0.1")
        stack.enter_context(greylisting(home / name, listens, GREYLISTED_SECONDS, action))
        places[name] = str(listens)
    stack.enter_context(mail_servers(home, HOUSES, port, places))
    return Rig(dns, port)


@pytest.fixture
async def all_servers(rig: Rig) -> AsyncIterator[Rig]:
    """The rig, and the servers that live in the test's own event loop."""
    async with raw_servers(rig.port):
        yield rig


@pytest.fixture(scope="session")
def findings() -> Findings:
    return Findings()


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:  # noqa: ARG001
    """The loop that serves in production: its streams and its TLS are not asyncio's."""
    return {"uvloop": uvloop.new_event_loop}
