"""Which of a domain's servers is asked: in the order of their MX records, the next one when one cannot answer."""

from collections.abc import Sequence

import msgspec

from bureau.deliverability.email.mailbox.dialogue import Budget, Dialogue, Identity
from bureau.deliverability.email.mailbox.enquiry import Enquiry, Heard
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.resolver import Question, Resolver, Silence
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, is_public, registered_name

MOST_HOSTS = 3
MOST_ADDRESSES = 2  # of one host
MOST_CONNECTIONS = 4  # to finish what servers cut short
SILENT_OWNERS = 5  # whose servers time out at connecting, and none that does not: it is our own way out that is shut

_CUT_SHORT = frozenset({Reason.TOO_MANY_ERRORS, Reason.SERVER_BUSY, Reason.CONNECTION_DROPPED})
_HIDDEN = {
    Silence.TIMEOUT: Reason.DNS_TIMEOUT,
    Silence.SERVFAIL: Reason.DNS_SERVFAIL,
    Silence.REFUSED: Reason.DNS_REFUSED,
}

NOBODY_THERE = Heard(Reason.CONNECT_REFUSED, Stage.CONNECT)  # no server has an address that may be dialled


class Approach(msgspec.Struct, frozen=True):
    """As whom, how patiently and on which port servers are asked, and which addresses may be dialled."""

    identity: Identity
    budget: Budget = Budget()
    port: int = 25
    rules: RoutingRules = PUBLIC_ONLY


class Servers:
    """Dials; remembers only whether this machine gets out at all."""

    def __init__(self, approach: Approach, resolver: Resolver) -> None:
        self._approach = approach
        self._resolver = resolver
        self._silent: set[str] = set()

    async def ask(self, hosts: Sequence[str], enquiry: Enquiry) -> Heard | None:
        """Ask until everybody has an answer; how it ended for whoever has none.

        A server that hangs up on us after some answers is called again for the rest, as long as each call brings one.
        """
        end: Heard | None = None
        for _ in range(MOST_CONNECTIONS):
            before = len(enquiry.answers)
            end = await self._first_able(hosts, enquiry)
            if end is None or end.reason not in _CUT_SHORT or len(enquiry.answers) == before:
                break
        return end

    async def _first_able(self, hosts: Sequence[str], enquiry: Enquiry) -> Heard | None:
        """What the first server says that can say anything; at most :data:`MOST_HOSTS` are dialled."""
        before = len(enquiry.answers)
        end = NOBODY_THERE
        dialled = 0
        for host in hosts:
            addresses = await self._addresses(host)
            if isinstance(addresses, Silence):
                end = Heard(_HIDDEN[addresses], Stage.CONNECT) if end is NOBODY_THERE else end
                continue
            for address in addresses:
                heard = await self._ask(host, address, enquiry)
                if heard is None or len(enquiry.answers) > before or not _another_may_do_better(heard):
                    return heard
                end = heard
            dialled += bool(addresses)
            if dialled == MOST_HOSTS:
                break
        return end

    async def _ask(self, host: str, address: str, enquiry: Enquiry) -> Heard | None:
        approach = self._approach
        dialogue = Dialogue(host, address, approach.port, approach.identity, approach.budget)
        end = await dialogue.ask(enquiry)
        if end and end.stage is Stage.TLS:
            plain = await dialogue.ask(enquiry, encrypt=False)
            # Who insists on the encryption that just failed has not told us more than that it failed.
            end = end if plain and plain.reason is Reason.TLS_REQUIRED else plain
        return self._whose_silence(host, end)

    def _whose_silence(self, host: str, end: Heard | None) -> Heard | None:
        """Servers of one owner that cannot be reached are its trouble; those of several, and no other's, are ours."""
        if end is None or end.reason is not Reason.CONNECT_TIMEOUT:
            self._silent.clear()
            return end
        if len(self._silent) < SILENT_OWNERS:
            self._silent.add(registered_name(host))
        return end if len(self._silent) < SILENT_OWNERS else Heard(Reason.PORT25_BLOCKED, Stage.CONNECT)

    async def _addresses(self, host: str) -> list[str] | Silence:
        """Addresses to dial, checked here and dialled as checked: resolving again could be answered differently.

        None if there are surely none, or none that may be dialled; a :class:`Silence` if the resolver could not tell.
        """
        hidden: Silence | None = None
        for question in (Question.A, Question.AAAA):
            found = await self._resolver.ask(host, question)
            if isinstance(found, Silence):
                hidden = hidden or (found if found in _HIDDEN else None)
                continue
            usable = [each for each in found.values if self._approach.rules.allow_private or is_public(each)]
            if usable:
                return usable[:MOST_ADDRESSES]
        return hidden or []


def _another_may_do_better(end: Heard) -> bool:
    """Nobody there, silence, or "not now"; a flat refusal is meant by all of them."""
    if end.stage is Stage.CONNECT:
        return True
    theirs = end.reason is not None and JUDGEMENTS[end.reason].fault is Fault.THEIRS
    return (end.stage is Stage.BANNER or theirs) and not end.reply.startswith("5")
