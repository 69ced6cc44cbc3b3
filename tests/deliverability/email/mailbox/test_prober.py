"""Sessions against a scripted server on loopback: reasons, catch-all, greylisting, next host, time bound, guard."""

import asyncio
import re
import time
from typing import Any

import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.enquiry import Enquiry, Heard
from bureau.deliverability.email.mailbox.ledger import GRACE
from bureau.deliverability.email.mailbox.prober import (
    MOST_RECIPIENTS,
    Prober,
    ProbeSettings,
    invented_locals,
    provider_name,
)
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.mailbox.servers import SILENT_OWNERS
from bureau.deliverability.email.mailbox.throttle import Terms
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
    values = {
        "budget": Budget(1.0, 1.0, 1.0),
        "rules": RoutingRules(allow_private=True),
        "port": server.port,
        "default_terms": Terms(per_second=10_000.0),
    }
    return Prober(ProbeSettings(IDENTITY, **{**values, **settings}), names or Names(), lambda *_: STRANGERS)


def said(found: list[Mailbox]) -> list[tuple[Reason, bool | None]]:
    return [(mailbox.reason, mailbox.is_catch_all) for mailbox in found]


def domain(*hosts: str, provider: str | None = None) -> DomainFacts:
    return DomainFacts("exemplo.com.br", Route.MAIL, hosts or ("mx.exemplo.com.br",), provider=provider)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (REFUSED, (Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({}, (Reason.CATCH_ALL, True)),
        ({"RCPT": NOBODY}, (Reason.MAILBOX_NOT_FOUND, None)),
        ({**REFUSED, "ninguem2@exemplo.com.br": "451 4.3.0 x"}, (Reason.AMBIGUOUS_REPLY, None)),
        ({**REFUSED, FULANO: "450 4.2.0 Greylisted"}, (Reason.GREYLIST_PROBABLY_EXISTS, False)),
        ({"RCPT": "450 4.2.0 Greylisted"}, (Reason.GREYLISTED, None)),
        ({"BANNER": "554 5.7.1 blocked using spamhaus"}, (Reason.IP_BLOCKLISTED, None)),
        ({"EHLO": "550 bad name"}, (Reason.HELO_REJECTED, None)),
        ({"EHLO": "502 no", **REFUSED}, (Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({"EHLO": "502 no", "HELO": "502 no"}, (Reason.PROTOCOL_ERROR, None)),
        ({"MAIL": "553 5.1.8 unknown sender domain"}, (Reason.SENDER_REJECTED, None)),
        ({"MAIL": "530 5.7.0 Must issue a STARTTLS command first"}, (Reason.TLS_REQUIRED, None)),
        ({**OFFERS_TLS, "STARTTLS": "454 no"}, (Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({**OFFERS_TLS, "STARTTLS": "220 go"}, (Reason.ACCEPTED_NOT_CATCH_ALL, False)),
        ({"BANNER": "HTTP/1.1 400 Bad Request"}, (Reason.PROTOCOL_ERROR, None)),
        ({"BANNER": ""}, (Reason.SMTP_TIMEOUT, None)),
        ({"RCPT": ""}, (Reason.SMTP_TIMEOUT, None)),
        ({"RCPT": "!"}, (Reason.CONNECTION_DROPPED, None)),
        ({"BANNER": "220-" + "x" * 5000}, (Reason.PROTOCOL_ERROR, None)),
        ({"BANNER": "\n".join(["220-x"] * 100)}, (Reason.PROTOCOL_ERROR, None)),
        ({"RCPT": "421 4.7.0 too many errors"}, (Reason.TOO_MANY_ERRORS, None)),
    ],
)  # fmt: skip
async def test_what_a_server_may_say(
    mail_server: Any, script: dict[str, str], expected: tuple[Reason, bool | None]
) -> None:
    mail_server.script = script
    assert [expected] == said(await prober(mail_server).probe(domain(), [FULANO]))


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
    assert [(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == said(found)
    assert 1 == sum(command.startswith("RCPT") for command in mail_server.heard)


async def test_a_domains_way_with_strangers_is_remembered(mail_server: Any) -> None:
    mail_server.script = REFUSED
    asking = prober(mail_server)
    await asking.probe(domain(), [FULANO])
    assert [(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == said(await asking.probe(domain(), [OTHER]))
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
    found = await prober(mail_server).probe(domain(provider="yahoo"), [FULANO])
    assert [(Reason.PROVIDER_UNVERIFIABLE, None)] == said(found)
    assert [] == mail_server.heard


async def test_the_next_host_is_tried_and_others_left_alone(mail_server: Any) -> None:
    mail_server.script = REFUSED
    names = Names({"mx1.exemplo.com.br": "127.0.0.9"})  # nobody listens there on that port
    found = await prober(mail_server, names).probe(domain("mx1.exemplo.com.br", "mx2.exemplo.com.br"), [FULANO])
    assert [(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == said(found)
    dead = Names({f"mx{n}.exemplo.com.br": "127.0.0.9" for n in range(4)})
    hosts = [f"mx{n}.exemplo.com.br" for n in range(3)]
    assert [(Reason.CONNECT_REFUSED, None)] == said(await prober(mail_server, dead).probe(domain(*hosts), [FULANO]))


async def test_private_addresses_are_never_dialled(mail_server: Any) -> None:
    found = await prober(mail_server, rules=RoutingRules()).probe(domain(), [FULANO])
    assert [(Reason.CONNECT_REFUSED, None)] == said(found)
    assert [] == mail_server.heard


async def test_the_whole_check_is_bounded(mail_server: Any) -> None:
    mail_server.script = {"RCPT": ""}
    slow = prober(mail_server, budget=Budget(), total=0.2)
    started = time.monotonic()
    found = await slow.probe(domain(), [FULANO, OTHER])
    assert [(Reason.SMTP_TIMEOUT, None)] * 2 == said(found)
    assert Stage.RCPT == found[0].stage
    assert time.monotonic() - started < 3.0


async def test_waiting_in_our_own_queue_is_our_fault(mail_server: Any) -> None:
    busy = prober(mail_server, total=0.1)
    async with busy.provider(domain()).session(1):
        assert [(Reason.RATE_LIMITED, None)] == said(await busy.probe(domain(), [FULANO]))
    assert [] == mail_server.heard


async def test_our_own_queue_is_no_policy_of_theirs(mail_server: Any) -> None:
    mail_server.script = REFUSED
    busy = prober(mail_server, total=0.1)
    async with busy.provider(domain()).session(1):
        waited = await asyncio.gather(*(busy.probe(domain(), [f"p{n}@exemplo.com.br"]) for n in range(5)))
    assert [(Reason.RATE_LIMITED, None)] * 5 == [each for found in waited for each in said(found)]
    assert busy.provider(domain()).refusal() is None


async def test_free_mail_that_accepts_everybody_is_not_taken_at_its_word(mail_server: Any) -> None:
    free = DomainFacts("ig.com.br", Route.MAIL, ("mx.exemplo.com.br",))
    assert [(Reason.CATCH_ALL, True)] == said(await prober(mail_server).probe(free, ["fulano@ig.com.br"]))


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
    assert ["EHLO", "MAIL", "RCPT", "RCPT", "RCPT"] + ["EHLO", "MAIL", "RCPT"] * 4 == commands


async def test_unknown_recipients_spend_the_budget_and_not_one_more(mail_server: Any) -> None:
    mail_server.script = {"RCPT": NOBODY}
    found = await prober(mail_server).probe(domain(), [f"p{n}@exemplo.com.br" for n in range(40)])
    assert [Reason.MAILBOX_NOT_FOUND] * GRACE + [Reason.PROBE_BUDGET_SPENT] * 20 == [each.reason for each in found]
    assert GRACE == sum(command.startswith("RCPT") for command in mail_server.heard)


async def test_strangers_are_not_asked_for_beside_a_plain_refusal(mail_server: Any) -> None:
    mail_server.script = {"RCPT": NOBODY}
    await prober(mail_server).probe(domain(), [FULANO])
    assert ["RCPT TO:<fulano@exemplo.com.br>"] == [line for line in mail_server.heard if line.startswith("RCPT")]


@pytest.mark.parametrize("closing", ["421 4.7.0 Error: too many errors", "452 4.5.3 Too many recipients", "!"])
async def test_who_was_cut_off_is_asked_for_in_a_new_connection(mail_server: Any, closing: str) -> None:
    people = [f"p{n}@exemplo.com.br" for n in range(6)]
    mail_server.limit, mail_server.closing = 2, closing
    mail_server.script = {"RCPT": NOBODY, "p5@exemplo.com.br": "250 2.1.5 ok"}
    found = await prober(mail_server).probe(domain(), people)
    assert [Reason.MAILBOX_NOT_FOUND] * 5 + [Reason.ACCEPTED_NOT_CATCH_ALL] == [each.reason for each in found]
    assert 4 == sum(line.startswith("MAIL") for line in mail_server.heard)


async def test_a_server_that_only_ever_hangs_up_is_left_alone(mail_server: Any) -> None:
    mail_server.script = {"RCPT": "421 4.3.2 shutting down"}
    found = await prober(mail_server).probe(domain(), [FULANO, OTHER])
    assert [(Reason.SERVER_BUSY, None)] * 2 == said(found)
    assert 1 == sum(line.startswith("MAIL") for line in mail_server.heard)


async def test_one_policy_reply_is_one_however_many_wait_for_it(mail_server: Any) -> None:
    mail_server.script = {"BANNER": "554 5.7.1 blocked using spamhaus"}
    asking = prober(mail_server)
    for _ in range(3):
        found = await asking.probe(domain(), [FULANO, OTHER])
        assert [(Reason.IP_BLOCKLISTED, None)] * 2 == said(found)
    assert [(Reason.PROVIDER_PAUSED, None)] == said(await asking.probe(domain(), [FULANO]))


async def test_whom_the_operator_excludes_is_left_alone(mail_server: Any) -> None:
    asking = prober(mail_server, never=frozenset({"exemplo.com.br", "uol"}))
    for facts in (domain("mx.outro.com.br"), DomainFacts("b.com.br", Route.MAIL, ("mx",), provider="uol")):
        assert [(Reason.PROBE_NOT_ALLOWED, None)] == said(await asking.probe(facts, [FULANO]))
    assert [] == mail_server.heard


async def test_a_resolver_that_cannot_tell_is_not_the_servers_fault(mail_server: Any) -> None:
    class Broken(Names):
        async def ask(self, name: str, question: Question) -> Records | Silence:
            return Silence.SERVFAIL if name == "mx.exemplo.com.br" else await super().ask(name, question)

    found = await prober(mail_server, Broken()).probe(domain(), [FULANO])
    assert [(Reason.DNS_SERVFAIL, None)] == said(found)
    mail_server.script = REFUSED
    found = await prober(mail_server, Broken()).probe(domain("mx.exemplo.com.br", "mx2.exemplo.com.br"), [FULANO])
    assert [(Reason.ACCEPTED_NOT_CATCH_ALL, False)] == said(found)


class Shut:
    """Stands in for a way out through which nothing gets: every connection times out."""

    async def __call__(self, *_: Any, **__: Any) -> Any:
        raise TimeoutError


async def test_when_nobody_can_be_reached_it_is_our_own_port(mail_server: Any, monkeypatch: Any) -> None:
    asking = prober(mail_server)
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "open_connection", Shut())
        houses = [domain(f"mx.casa{n}.com.br") for n in range(SILENT_OWNERS)]
        found = [(await asking.probe(house, [FULANO]))[0].reason for house in houses]
        one_owner = domain(*(f"mx{n}.casa0.com.br" for n in range(SILENT_OWNERS)))
        alone = prober(mail_server)
        assert [Reason.CONNECT_TIMEOUT] * 3 == [(await alone.probe(one_owner, [FULANO]))[0].reason for _ in range(3)]
    assert [Reason.CONNECT_TIMEOUT] * (SILENT_OWNERS - 1) + [Reason.PORT25_BLOCKED] == found
    await asking.probe(domain(), [FULANO])
    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "open_connection", Shut())
        [alone] = await asking.probe(houses[0], [OTHER])
    assert Reason.CONNECT_TIMEOUT == alone.reason


@pytest.mark.parametrize(
    ("host", "name"),
    [("mx1.empresa.com.br", "empresa.com.br"), ("empresa.com.br", "empresa.com.br"), ("mx.house.com", "house.com"),
     ("a.b.provedor.net.br", "provedor.net.br"), ("mx.firma.co.uk", "firma.co.uk"), ("mx.firma.de", "firma.de"),
     ("a.firma.de", "firma.de"), ("mx", "mx")],
)  # fmt: skip
def test_servers_of_one_house_share_its_limits(host: str, name: str) -> None:
    assert name == provider_name(domain(host))


def test_no_stranger_is_asked_for_while_a_recipient_is_left() -> None:
    enquiry = Enquiry(["a", "b"], ["x", "y"])
    asked = []
    while recipient := enquiry.next():
        asked.append(recipient)
        enquiry.answers[recipient] = Heard(Reason.MAILBOX_NOT_FOUND if recipient in "ax" else None, Stage.RCPT)
    assert ["a", "b", "x", "y"] == asked
    assert enquiry.accepts_strangers


def test_strangers_of_a_domain_stay_the_same_and_differ_from_others() -> None:
    found = [invented_locals(sender, domain) for sender in ("s1@x.com", "s2@x.com") for domain in ("a.com", "b.com")]
    assert 8 == len({local for pair in found for local in pair})
    assert found[0] == invented_locals("s1@x.com", "a.com")
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d{4}", name) and 20 == len(noise) for name, noise in found)
