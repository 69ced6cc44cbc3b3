"""Sessions against a scripted server on loopback: reasons, catch-all, greylisting, next host, time bound, guard."""

import asyncio
import time
from typing import Any

import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.prober import MOST_RECIPIENTS, Prober, ProbeSettings, invented_locals
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Question, Records, Silence
from bureau.deliverability.email.routing import RoutingRules
from bureau.deliverability.email.verdict import Mailbox

IDENTITY = Identity("sonda.exemplo.com.br", "sonda@exemplo.com.br")
STRANGERS = ("ninguem1", "ninguem2")
NOBODY = "550 5.1.1 User unknown"
REFUSED = {f"{local}@exemplo.com.br": NOBODY for local in STRANGERS}
OFFERS_TLS = {"EHLO": "250-mx.exemplo.com.br\n250 STARTTLS", **REFUSED}
FULANO, OTHER = "fulano@exemplo.com.br", "outro@exemplo.com.br"


class Names:
    """Every host is on loopback, unless told otherwise."""

    def __init__(self, hosts: dict[str, str] | None = None) -> None:
        self.hosts = hosts or {}

    async def ask(self, name: str, question: Question) -> Records | Silence:
        if question is not Question.A:
            return Silence.NO_DATA
        return Records((self.hosts.get(name, "127.0.0.1"),), 60)


def prober(server: Any, names: Names | None = None, **settings: Any) -> Prober:
    values = {"budget": Budget(1.0, 1.0, 1.0), "rules": RoutingRules(allow_private=True), "port": server.port}
    return Prober(ProbeSettings(IDENTITY, **{**values, **settings}), names or Names(), lambda: STRANGERS)


def domain(*hosts: str, provider: str | None = None) -> DomainFacts:
    return DomainFacts("exemplo.com.br", Route.MAIL, hosts or ("mx.exemplo.com.br",), provider=provider)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (REFUSED, Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({}, Mailbox(Reason.CATCH_ALL, True)),
        ({"RCPT": NOBODY}, Mailbox(Reason.MAILBOX_NOT_FOUND, False)),
        ({**REFUSED, "ninguem2@exemplo.com.br": "451 4.3.0 x"}, Mailbox(Reason.AMBIGUOUS_REPLY, None)),
        ({**REFUSED, FULANO: "450 4.2.0 Greylisted"}, Mailbox(Reason.GREYLIST_PROBABLY_EXISTS, False)),
        ({"RCPT": "450 4.2.0 Greylisted"}, Mailbox(Reason.GREYLISTED, None)),
        ({"BANNER": "554 5.7.1 blocked using spamhaus"}, Mailbox(Reason.IP_BLOCKLISTED, None)),
        ({"EHLO": "550 bad name"}, Mailbox(Reason.HELO_REJECTED, None)),
        ({"EHLO": "502 no", **REFUSED}, Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({"EHLO": "502 no", "HELO": "502 no"}, Mailbox(Reason.PROTOCOL_ERROR, None)),
        ({"MAIL": "553 5.1.8 unknown sender domain"}, Mailbox(Reason.SENDER_REJECTED, None)),
        ({"MAIL": "530 5.7.0 Must issue a STARTTLS command first"}, Mailbox(Reason.TLS_REQUIRED, None)),
        ({**OFFERS_TLS, "STARTTLS": "454 no"}, Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({**OFFERS_TLS, "STARTTLS": "220 go"}, Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({"BANNER": "HTTP/1.1 400 Bad Request"}, Mailbox(Reason.PROTOCOL_ERROR, None)),
        ({"BANNER": ""}, Mailbox(Reason.SMTP_TIMEOUT, None)),
        ({"RCPT": ""}, Mailbox(Reason.SMTP_TIMEOUT, None)),
        ({"RCPT": "!"}, Mailbox(Reason.CONNECTION_DROPPED, None)),
        ({"BANNER": "220-" + "x" * 5000}, Mailbox(Reason.PROTOCOL_ERROR, None)),
        ({"BANNER": "\n".join(["220-x"] * 100)}, Mailbox(Reason.PROTOCOL_ERROR, None)),
        ({"RCPT": "421 4.7.0 too many errors"}, Mailbox(Reason.TOO_MANY_ERRORS, None)),
    ],
)  # fmt: skip
async def test_what_a_server_may_say(mail_server: Any, script: dict[str, str], expected: Mailbox) -> None:
    mail_server.script = script
    assert [expected] == await prober(mail_server).probe(domain(), [FULANO])


async def test_the_session_is_polite(mail_server: Any) -> None:
    mail_server.script = REFUSED
    await prober(mail_server).probe(domain(), [FULANO, OTHER])
    await asyncio.wait_for(mail_server.ended.acquire(), 2)
    assert [
        "EHLO sonda.exemplo.com.br",
        "MAIL FROM:<sonda@exemplo.com.br>",
        "RCPT TO:<fulano@exemplo.com.br>",
        "RCPT TO:<outro@exemplo.com.br>",
        "RCPT TO:<ninguem1@exemplo.com.br>",
        "RCPT TO:<ninguem2@exemplo.com.br>",
        "QUIT",
    ] == mail_server.heard


async def test_a_truthful_house_is_not_asked_for_strangers(mail_server: Any) -> None:
    found = await prober(mail_server).probe(domain(provider="gmail"), [FULANO])
    assert [Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == found
    assert 1 == sum(command.startswith("RCPT") for command in mail_server.heard)


async def test_a_domains_way_with_strangers_is_remembered(mail_server: Any) -> None:
    mail_server.script = REFUSED
    asking = prober(mail_server)
    await asking.probe(domain(), [FULANO])
    assert [Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == await asking.probe(domain(), [OTHER])
    assert 4 == sum(command.startswith("RCPT") for command in mail_server.heard)


async def test_international_addresses_need_the_extension(mail_server: Any) -> None:
    mail_server.script = REFUSED
    both = ["joão@exemplo.com.br", FULANO]
    plain = await prober(mail_server).probe(domain(), both)
    assert [Reason.SMTPUTF8_UNSUPPORTED, Reason.ACCEPTED_NOT_CATCH_ALL] == [found.reason for found in plain]
    mail_server.script = {"EHLO": "250-mx.exemplo.com.br\n250 SMTPUTF8", **REFUSED}
    found = await prober(mail_server).probe(domain(), both)
    assert [Reason.ACCEPTED_NOT_CATCH_ALL] * 2 == [each.reason for each in found]
    assert "MAIL FROM:<sonda@exemplo.com.br> SMTPUTF8" in mail_server.heard


async def test_a_house_that_never_tells_is_not_asked_at_all(mail_server: Any) -> None:
    assert [Mailbox(Reason.PROVIDER_UNVERIFIABLE)] == await prober(mail_server).probe(
        domain(provider="yahoo"), [FULANO]
    )
    assert [] == mail_server.heard


async def test_the_next_host_is_tried_and_others_left_alone(mail_server: Any) -> None:
    mail_server.script = REFUSED
    names = Names({"mx1.exemplo.com.br": "127.0.0.9"})  # nobody listens there on that port
    found = await prober(mail_server, names).probe(domain("mx1.exemplo.com.br", "mx2.exemplo.com.br"), [FULANO])
    assert [Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == found
    dead = Names({f"mx{n}.exemplo.com.br": "127.0.0.9" for n in range(4)})
    hosts = [f"mx{n}.exemplo.com.br" for n in range(3)]
    assert [Mailbox(Reason.CONNECT_REFUSED)] == await prober(mail_server, dead).probe(domain(*hosts), [FULANO])


async def test_private_addresses_are_never_dialled(mail_server: Any) -> None:
    found = await prober(mail_server, rules=RoutingRules()).probe(domain(), [FULANO])
    assert [Mailbox(Reason.CONNECT_TIMEOUT)] == found
    assert [] == mail_server.heard


async def test_the_whole_check_is_bounded(mail_server: Any) -> None:
    mail_server.script = {"RCPT": ""}
    slow = prober(mail_server, budget=Budget(), total=0.2)
    started = time.monotonic()
    assert [Mailbox(Reason.SMTP_TIMEOUT)] * 2 == await slow.probe(domain(), [FULANO, OTHER])
    assert time.monotonic() - started < 3.0


async def test_waiting_in_our_own_queue_is_our_fault(mail_server: Any) -> None:
    busy = prober(mail_server, total=0.1)
    async with busy.provider(domain()).sessions:
        assert [Mailbox(Reason.RATE_LIMITED)] == await busy.probe(domain(), [FULANO])
    assert [] == mail_server.heard


async def test_a_flat_refusal_is_not_taken_to_the_next_host(mail_server: Any) -> None:
    mail_server.script = {"BANNER": "554 5.7.1 blocked using spamhaus"}
    await prober(mail_server).probe(domain("mx1.exemplo.com.br", "mx2.exemplo.com.br"), [FULANO])
    await asyncio.wait_for(mail_server.ended.acquire(), 2)
    assert mail_server.ended.locked()


async def test_few_recipients_a_session(mail_server: Any) -> None:
    mail_server.script = REFUSED
    many = [f"pessoa{n}@exemplo.com.br" for n in range(MOST_RECIPIENTS + 1)]
    assert len(many) == len(await prober(mail_server).probe(domain(), many))
    assert 2 == sum(command.startswith("MAIL") for command in mail_server.heard)


async def test_one_session_at_a_time_with_a_small_house(mail_server: Any) -> None:
    mail_server.script = REFUSED
    asking = prober(mail_server)
    await asyncio.gather(*(asking.probe(domain(), [f"p{n}@exemplo.com.br"]) for n in range(5)))
    commands = [command.partition(" ")[0] for command in mail_server.heard if command != "QUIT"]
    assert ["EHLO", "MAIL", "RCPT", "RCPT", "RCPT"] * 5 == commands


async def test_unknown_recipients_spend_the_budget(mail_server: Any) -> None:
    mail_server.script = {"RCPT": NOBODY}
    found = await prober(mail_server).probe(domain(), [f"p{n}@exemplo.com.br" for n in range(40)])
    assert Reason.MAILBOX_NOT_FOUND == found[0].reason
    assert Reason.PROBE_BUDGET_SPENT == found[-1].reason


def test_invented_locals_differ() -> None:
    assert 6 == len({local for _ in range(3) for local in invented_locals()})
