"""From the address through a real resolver client and a loopback server to the verdict, and the time bound."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bureau.deliverability.email import resolver as resolver_module
from bureau.deliverability.email.domain import Route
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import AresResolver, Question, Records, ResolverSettings, Silence
from bureau.deliverability.email.routing import RoutingRules, is_public, route_of
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.errors import InvalidArgument
from bureau.model.query import Depth

PUBLIC = {"A": ["93.184.215.14"]}
ZONE: dict[str, Any] = {
    "bom.com.br": {"MX": ["20 mx2.bom.com.br.", "10 mx1.bom.com.br."]},
    "mx1.bom.com.br": PUBLIC,
    "mx2.bom.com.br": PUBLIC,
    "google.exemplo.com.br": {"MX": ["10 aspmx.l.google.com."]},
    "aspmx.l.google.com": PUBLIC,
    "nulo.com.br": {"MX": ["0 ."]},
    "misto.com.br": {"MX": ["0 .", "10 mx1.bom.com.br."]},
    "implicito.com.br": PUBLIC,
    "seis.com.br": {"AAAA": ["2606:2800:21f:cb07:6820:80da:af6b:8b2c"]},
    "apelido.com.br": {"CNAME": ["bom.com.br."]},
    "mxapelido.com.br": {"MX": ["10 correio.bom.com.br."]},
    "correio.bom.com.br": {"CNAME": ["mx1.bom.com.br."]},
    "semcorreio.com.br": {"TXT": ['"v=spf1 -all"']},
    "pendurado.com.br": {"MX": ["10 naoexiste.com.br."]},
    "reserva.com.br": {"MX": ["10 naoexiste.com.br.", "20 mx1.bom.com.br."]},
    "interno.com.br": {"MX": ["10 privado.com.br."]},
    "privado.com.br": {"A": ["10.0.0.1"]},
    "laco.com.br": {"A": ["127.0.0.1"]},
    "literal.com.br": {"MX": ["10 93.184.215.14."]},
    "quebrado.com.br": "SERVFAIL",
    "negado.com.br": "REFUSED",
    "mudo.com.br": "SILENT",
    "mxmudo.com.br": {"MX": ["10 mudo.com.br."]},
    "mxquebrado.com.br": {"MX": ["10 quebrado.com.br."]},
    "gmail.com": {"MX": ["5 gmail-smtp-in.l.google.com."]},
    "gmail-smtp-in.l.google.com": PUBLIC,
    "yahoo.com.br": {"MX": ["0 ."]},
    "yopmail.com": {"MX": ["10 mx1.bom.com.br."]},
    "duck.com": {"MX": ["10 mx1.bom.com.br."]},
    "gmil.com": {"MX": ["10 mx1.bom.com.br."]},
}

ROUTES = {
    "bom.com.br": Route.MAIL,
    "misto.com.br": Route.MAIL,
    "implicito.com.br": Route.MAIL,
    "seis.com.br": Route.MAIL,
    "apelido.com.br": Route.MAIL,
    "mxapelido.com.br": Route.MAIL,
    "reserva.com.br": Route.MAIL,
    "nulo.com.br": Route.NULL_MX,
    "naoexiste.com.br": Route.NOT_FOUND,
    "semcorreio.com.br": Route.NO_MAIL,
    "pendurado.com.br": Route.MX_UNRESOLVABLE,
    "interno.com.br": Route.MX_UNROUTABLE,
    "laco.com.br": Route.MX_UNROUTABLE,
    "literal.com.br": Route.MX_UNROUTABLE,
    "quebrado.com.br": Route.SERVFAIL,
    "mxquebrado.com.br": Route.SERVFAIL,
    "negado.com.br": Route.REFUSED,
    "mudo.com.br": Route.TIMEOUT,
    "mxmudo.com.br": Route.TIMEOUT,
}


def settings(server: Any, seconds: float = 0.6) -> ResolverSettings:
    return ResolverSettings((server.address,), seconds=seconds, tries=1)


async def test_every_route(dns_server: Any) -> None:
    dns_server.zone = ZONE
    async with AresResolver(settings(dns_server)) as resolver:
        found = await asyncio.gather(*(route_of(domain, resolver, RoutingRules()) for domain in ROUTES))
    assert ROUTES == {facts.domain: facts.route for facts in found}


async def test_facts_of_a_domain(dns_server: Any) -> None:
    dns_server.zone = ZONE | {
        "_dmarc.bom.com.br": {"TXT": ['"v=DMARC1; p=Reject; rua=mailto:x@bom.com.br"']},
        "_mta-sts.bom.com.br": "SERVFAIL",
    }
    async with AresResolver(settings(dns_server)) as resolver:
        plain = await route_of("bom.com.br", resolver, RoutingRules())
        asked = await route_of("bom.com.br", resolver, RoutingRules(sender_facts=True))
        implicit = await route_of("implicito.com.br", resolver, RoutingRules())
        google = await route_of("google.exemplo.com.br", resolver, RoutingRules())
    assert (("mx1.bom.com.br", "mx2.bom.com.br"), False, 600) == (
        plain.mx_hosts,
        plain.implicit_mx,
        plain.valid_for.total_seconds() if plain.valid_for else None,
    )
    assert (None, None, None) == (plain.has_spf, plain.dmarc_policy, plain.mta_sts)
    assert (False, "reject", None) == (asked.has_spf, asked.dmarc_policy, asked.mta_sts)
    assert (("implicito.com.br",), True) == (implicit.mx_hosts, implicit.implicit_mx)
    assert "gmail" == google.provider


async def test_a_rig_on_loopback_needs_the_operators_word(dns_server: Any) -> None:
    dns_server.zone = ZONE
    async with AresResolver(settings(dns_server)) as resolver:
        facts = await route_of("laco.com.br", resolver, RoutingRules(allow_private=True))
    assert Route.MAIL == facts.route


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("0.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert public == is_public(address)


async def test_confusion_matrix_over_reasons(dns_server: Any) -> None:
    """Golden: each scenario of ``reasons.json`` gets exactly its status, reason and pending flag."""
    golden = msgspec.json.decode((Path(__file__).parent / "reasons.json").read_bytes())
    dns_server.zone = ZONE
    async with EmailVerifier(settings(dns_server)) as verifier:
        verdicts = await verifier.verify([case["address"] for case in golden], Depth.DNS, 5.0)
    matrix = Counter((case["reason"], verdict.reason.value) for case, verdict in zip(golden, verdicts, strict=True))
    assert Counter((case["reason"], case["reason"]) for case in golden) == matrix
    assert golden == [
        {
            "address": case["address"],
            "status": verdict.status.value,
            "reason": verdict.reason.value,
            "suggestion": verdict.suggestion.address if verdict.suggestion else None,
        }
        for case, verdict in zip(golden, verdicts, strict=True)
    ]
    assert not any(verdict.pending for verdict in verdicts)


async def test_one_look_up_a_domain_however_many_ask(dns_server: Any) -> None:
    dns_server.zone = ZONE
    async with EmailVerifier(settings(dns_server)) as verifier:
        many = [f"fulano{n}@implicito.com.br" for n in range(300)]
        rounds = await asyncio.gather(*(verifier.verify(many, Depth.DNS, 5.0) for _ in range(5)))
        again = await verifier.verify(many, Depth.DNS, 0.0)
    assert {Reason.MAILBOX_NOT_CHECKED} == {v.reason for verdicts in [*rounds, again] for v in verdicts}
    assert [("implicito.com.br", "MX"), ("implicito.com.br", "A")] == dns_server.asked


async def test_a_dead_resolver_never_delays_past_the_deadline(dns_server: Any) -> None:
    dns_server.zone = {f"d{n}.com.br": "SILENT" for n in range(50)} | {"bom.com.br": ZONE["bom.com.br"]}
    async with EmailVerifier(settings(dns_server, seconds=5)) as verifier:
        started = time.monotonic()
        verdicts = await verifier.verify([f"fulano@d{n}.com.br" for n in range(50)], Depth.DNS, 0.05)
        took = time.monotonic() - started
    assert took < 2.0  # the resolver alone would take five seconds
    assert {(Reason.NOT_CHECKED, True)} == {(v.reason, v.pending) for v in verdicts}
    assert all(v.recheck_at and v.recheck_at > v.checked_at for v in verdicts)


async def test_a_domain_that_keeps_asking_is_given_up(dns_server: Any) -> None:
    hosts = [f"mx{n}.lento.com.br" for n in range(10)]
    dns_server.zone = {"lento.com.br": {"MX": [f"10 {host}." for host in hosts]}} | dict.fromkeys(hosts, "SILENT")
    async with AresResolver(settings(dns_server)) as resolver:
        facts = await route_of("lento.com.br", resolver, RoutingRules(seconds=0.7))
    assert Route.TIMEOUT == facts.route
    assert len(dns_server.asked) < 6


async def test_what_was_late_is_known_the_next_time(dns_server: Any) -> None:
    dns_server.zone = ZONE
    async with EmailVerifier(settings(dns_server)) as verifier:
        [late] = await verifier.verify(["fulano@bom.com.br"], Depth.DNS, 0.0)
        [known] = await verifier.verify(["fulano@bom.com.br"], Depth.DNS, 5.0)
    assert (True, False) == (late.pending, known.pending)
    assert 1 == dns_server.asked.count(("bom.com.br", "MX"))


async def test_depth_syntax_asks_nobody(dns_server: Any) -> None:
    async with EmailVerifier(settings(dns_server)) as verifier:
        [verdict] = await verifier.verify(["fulano@bom.com.br"], Depth.SYNTAX, 5.0)
    assert (Reason.NOT_CHECKED, False) == (verdict.reason, verdict.pending)
    assert [] == dns_server.asked


async def test_nobody_listening_is_a_time_out() -> None:
    async with AresResolver(ResolverSettings(("127.0.0.1:1",), seconds=0.1, tries=1)) as resolver:
        assert Silence.TIMEOUT == await resolver.ask("bom.com.br", Question.MX)
    assert Silence.TIMEOUT == await resolver.ask("bom.com.br", Question.MX)


async def test_bad_server_addresses_are_refused_in_one_sentence() -> None:
    with pytest.raises(InvalidArgument, match="DNS servers"):
        async with AresResolver(ResolverSettings(("not an address",))):
            pass


async def test_what_the_library_keeps_is_thrown_away_before_long(dns_server: Any, monkeypatch: Any) -> None:
    dns_server.zone = {"bom.com.br": {"TXT": ['"v=spf1 -all"']}, "mudo.com.br": "SILENT"}
    async with AresResolver(settings(dns_server, seconds=2.0)) as resolver:
        waiting = asyncio.create_task(resolver.ask("mudo.com.br", Question.MX))
        assert Silence.NO_DATA == await resolver.ask("bom.com.br", Question.MX)
        dns_server.zone = ZONE
        assert Silence.NO_DATA == await resolver.ask("bom.com.br", Question.MX)  # so c-ares remembers
        monkeypatch.setattr(resolver_module, "MOST_QUESTIONS", 1)
        assert isinstance(await resolver.ask("bom.com.br", Question.MX), Records)
        for _ in range(5):
            await resolver.ask("bom.com.br", Question.MX)
        assert 2 == len(resolver._lines), "the one in use, and the one whose question is open still"
        monkeypatch.undo()
        monkeypatch.setattr(resolver_module, "MOST_SECONDS", 0.0)
        dns_server.asked.clear()
        await resolver.ask("bom.com.br", Question.MX)
        assert [("bom.com.br", "MX")] == dns_server.asked
    assert Silence.TIMEOUT == await waiting


class Silent(asyncio.Protocol):
    """A mail server that never says a word."""


async def test_depth_mailbox_asks_the_mail_server_and_is_bounded(dns_server: Any) -> None:
    server = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    dns_server.zone = ZONE
    rules = RoutingRules(allow_private=True)
    identity = Identity("sonda.exemplo.com.br", "sonda@exemplo.com.br")
    probing = ProbeSettings(identity, Budget(banner=1.0), port=port, rules=rules)
    async with EmailVerifier(settings(dns_server), rules, probing) as verifier:
        addresses = ["fulano@laco.com.br", "contato@naoexiste.com.br"]
        shallow = await verifier.verify(addresses, Depth.DNS, 5.0)
        early = await verifier.verify(addresses, Depth.MAILBOX, 0.1)
        final = await verifier.verify(addresses, Depth.MAILBOX, 5.0)
    server.close()
    assert [(Reason.MAILBOX_NOT_CHECKED, True), (Reason.DOMAIN_NOT_FOUND, False)] == [
        (v.reason, v.pending) for v in early
    ]
    assert [(Reason.SMTP_TIMEOUT, False), (Reason.DOMAIN_NOT_FOUND, False)] == [(v.reason, v.pending) for v in final]
    assert Reason.MAILBOX_NOT_CHECKED == shallow[0].reason


async def test_one_slow_name_server_holds_up_its_own_domains_only(dns_server: Any) -> None:
    class Polite(asyncio.Protocol):
        """Knows everybody."""

        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            transport.write(b"220 mx.exemplo.com.br\r\n")

        def data_received(self, _data: bytes) -> None:
            self.transport.write(b"250 2.1.5 ok\r\n")

    server = await asyncio.get_running_loop().create_server(Polite, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    dns_server.zone = ZONE
    rules = RoutingRules(allow_private=True)
    identity = Identity("sonda.exemplo.com.br", "sonda@exemplo.com.br")
    probing = ProbeSettings(identity, port=port, rules=rules)
    async with EmailVerifier(settings(dns_server, seconds=5.0), rules, probing) as verifier:
        found = await verifier.verify(["fulano@mudo.com.br", "fulano@laco.com.br"], Depth.MAILBOX, 1.0)
    server.close()
    assert [(Reason.NOT_CHECKED, True), (Reason.CATCH_ALL, False)] == [(v.reason, v.pending) for v in found]


async def test_what_was_known_stays_known_though_the_cache_must_drop_it(dns_server: Any, monkeypatch: Any) -> None:
    dns_server.zone = ZONE
    async with EmailVerifier(settings(dns_server)) as verifier:
        monkeypatch.setattr(verifier._domains, "_capacity", 2)
        await verifier.verify(["f@bom.com.br"], Depth.DNS, 5.0)
        found = await verifier.verify([f"f@{name}.com.br" for name in ("bom", "nulo", "seis")], Depth.DNS, 5.0)
        assert verifier._domains.get("bom.com.br") is None
    assert [False] * 3 == [verdict.pending for verdict in found]
