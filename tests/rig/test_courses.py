"""What takes more than one question: coming back, being cut off, limits of our own, and bounds that hold."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from bureau.deliverability.email.configuration import verifier_from
from bureau.deliverability.email.mailbox.ledger import GRACE
from bureau.deliverability.email.mailbox.servers import SILENT_OWNERS
from bureau.deliverability.email.mailbox.throttle import Terms
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.rechecks import next_recheck
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.routing import PUBLIC_ONLY
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.model.answer import VerdictStatus
from bureau.model.query import Depth
from bureau.settings import Settings
from tests.rig.conftest import GREYLISTED_SECONDS, IMPATIENT, Rig
from tests.rig.matrix import ROUNDS, Findings
from tests.rig.raw_servers import UNANSWERED

pytestmark = pytest.mark.rig

rounds = pytest.mark.parametrize("turn", range(ROUNDS))
SLACK = 2.5  # seconds a busy machine may add to a bound
QUICK = Terms(per_second=1000.0)


async def reasons(verifier: EmailVerifier, addresses: list[str], wait: float = 40.0) -> list[Reason]:
    return [verdict.reason for verdict in await verifier.verify(addresses, Depth.MAILBOX, wait)]


@rounds
@pytest.mark.parametrize(
    ("domain", "first"),
    [("cinza.com.br", Reason.GREYLIST_PROBABLY_EXISTS), ("neblina.com.br", Reason.GREYLISTED)],
)
async def test_who_was_put_off_is_let_in_at_the_recheck(
    rig: Rig, findings: Findings, domain: str, first: Reason, turn: int
) -> None:
    address, probing = f"fulano@{domain}", rig.probing(sender=f"volta{turn}@{domain}")
    async with rig.verifier(probing) as verifier:
        [verdict] = await verifier.verify([address], Depth.MAILBOX, 40.0)
    booked = next_recheck(first, 0, verdict.checked_at)
    assert (first, booked.at if booked else None) == (verdict.reason, verdict.recheck_at)
    await asyncio.sleep(GREYLISTED_SECONDS + 1)  # postgrey's clock, not ours
    async with rig.verifier(probing) as verifier:  # another worker, another day: same sender, same recipient
        [found] = await reasons(verifier, [address])
    findings.note(f"greylisted at {domain}, then the recheck", Reason.ACCEPTED_NOT_CATCH_ALL, found)
    assert Reason.ACCEPTED_NOT_CATCH_ALL == found


@rounds
async def test_who_was_cut_off_by_421_is_asked_for_in_a_new_connection(rig: Rig, findings: Findings, turn: int) -> None:
    names = ["p1", "nao1", "nao2", "nao3", "p2", "nao4", "p3", "nao5"]
    probing = msgspec.structs.replace(rig.probing(), default_terms=QUICK)
    async with rig.verifier(probing) as verifier:
        found = await reasons(verifier, [f"{name}@breve.com.br" for name in names])
    expected = [Reason.ACCEPTED_NOT_CATCH_ALL if n.startswith("p") else Reason.MAILBOX_NOT_FOUND for n in names]
    for name, wanted, got in zip(names, expected, found, strict=True):
        findings.note(f"421 after three errors: {'exists' if name.startswith('p') else 'does not'}", wanted, got)
    assert (turn, expected) == (turn, found)


@rounds
async def test_one_recipient_a_session_still_answers_for_all(rig: Rig, findings: Findings, turn: int) -> None:
    addresses = ["p1@avara.com.br", "nao@avara.com.br"]
    async with rig.verifier(rig.probing()) as verifier:
        found = await reasons(verifier, addresses)
    expected = [Reason.ACCEPTED_NOT_CATCH_ALL, Reason.MAILBOX_NOT_FOUND]
    for wanted, got in zip(expected, found, strict=True):
        findings.note("452 after one recipient", wanted, got)
    assert (turn, expected) == (turn, found)


@rounds
async def test_a_provider_that_blocks_us_is_left_alone(rig: Rig, findings: Findings, turn: int) -> None:
    async with rig.verifier(rig.probing()) as verifier:
        blocked = [await reasons(verifier, [f"p{n}@porta.com.br"]) for n in range(3)]
        [found] = await reasons(verifier, ["p4@porta.com.br"])
    assert [[Reason.IP_BLOCKLISTED]] * 3 == blocked
    findings.note("asked again after three blocks", Reason.PROVIDER_PAUSED, found)
    assert (turn, Reason.PROVIDER_PAUSED) == (turn, found)


@rounds
async def test_unknown_recipients_stop_the_asking(rig: Rig, findings: Findings, turn: int) -> None:
    probing = msgspec.structs.replace(rig.probing(), default_terms=QUICK)
    async with rig.verifier(probing) as verifier:
        found = await reasons(verifier, [f"nao{n}@bom.com.br" for n in range(GRACE + 5)])
    spent = [reason for reason in found if reason is not Reason.MAILBOX_NOT_FOUND]
    for got in spent:
        findings.note("after too many unknown recipients", Reason.PROBE_BUDGET_SPENT, got)
    assert (turn, [Reason.PROBE_BUDGET_SPENT] * 5) == (turn, spent)


@rounds
async def test_whom_the_operator_excludes_is_not_asked(rig: Rig, findings: Findings, turn: int) -> None:
    probing = msgspec.structs.replace(rig.probing(), never=frozenset({"uol"}))
    async with rig.verifier(probing) as verifier:
        found = await reasons(verifier, ["fulano@uol.com.br"])
    findings.note("excluded by the operator", Reason.PROBE_NOT_ALLOWED, found[0])
    assert (turn, [Reason.PROBE_NOT_ALLOWED]) == (turn, found)


@rounds
async def test_silence_everywhere_is_our_own_port(all_servers: Rig, findings: Findings, turn: int) -> None:
    addresses = [f"fulano@surdo{number}.com.br" for number in range(len(UNANSWERED))]
    async with all_servers.verifier(all_servers.probing(IMPATIENT)) as verifier:
        found = [(await reasons(verifier, [address]))[0] for address in addresses]
    expected = [Reason.CONNECT_TIMEOUT] * (SILENT_OWNERS - 1)
    expected += [Reason.PORT25_BLOCKED] * (len(addresses) - len(expected))
    for wanted, got in zip(expected, found, strict=True):
        findings.note("no server answers the door", wanted, got)
    assert (turn, expected) == (turn, found)


@rounds
async def test_private_addresses_are_not_contacted_unless_the_operator_says_so(
    rig: Rig, findings: Findings, turn: int
) -> None:
    probing = msgspec.structs.replace(rig.probing(), rules=PUBLIC_ONLY)
    for domain in ("bom.com.br", "interno.com.br", "implicito.com.br"):
        async with rig.verifier(probing) as verifier:
            [found] = await reasons(verifier, [f"fulano@{domain}"])
        findings.note("private or loopback address", Reason.MX_UNROUTABLE, found)
        assert (turn, Reason.MX_UNROUTABLE) == (turn, found)


@rounds
async def test_the_operators_settings_are_all_it_takes(rig: Rig, findings: Findings, turn: int) -> None:
    settings = Settings.from_environment(
        {
            "BUREAU_DNS_SERVERS": rig.dns,
            "BUREAU_DNS_SENDER_FACTS": "true",
            "BUREAU_PROBE_NAME": "sonda.com.br",
            "BUREAU_PROBE_SENDER": "sonda@sonda.com.br",
            "BUREAU_PROBE_PORT": str(rig.port),
            "BUREAU_PROBE_LOOPBACK": "true",
        }
    )
    async with verifier_from(settings) as verifier:
        [found, strange] = await verifier.verify(["fulano@bom.com.br", "nao@bom.com.br"], Depth.MAILBOX, 40.0)
    for wanted, got in ((Reason.ACCEPTED_NOT_CATCH_ALL, found), (Reason.MAILBOX_NOT_FOUND, strange)):
        findings.note("a verifier by the operator's settings", wanted, got.reason)
        assert (turn, wanted) == (turn, got.reason)
    assert found.facts is not None
    assert ("rcpt", "250 2.1.5", False) == (found.facts.smtp_stage, found.facts.smtp_reply, found.facts.has_spf)


@pytest.fixture
def dead_resolver() -> Iterator[str]:
    """A name server that takes every question and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield "{}:{}".format(*deaf.getsockname())


@rounds
async def test_a_dead_resolver_is_nobodys_fault(rig: Rig, findings: Findings, dead_resolver: str, turn: int) -> None:
    async with EmailVerifier(ResolverSettings((dead_resolver,), 0.2, 1), probing=rig.probing()) as verifier:
        [found] = await reasons(verifier, ["fulano@bom.com.br"])
    findings.note("resolver never answers", Reason.DNS_TIMEOUT, found)
    assert (turn, Reason.DNS_TIMEOUT) == (turn, found)


async def timed(verifier: EmailVerifier, addresses: list[str], wait: float) -> list[EmailVerdict]:
    """Verdicts, and the proof that they came within ``wait``."""
    started = time.monotonic()
    verdicts = await verifier.verify(addresses, Depth.MAILBOX, wait)
    assert time.monotonic() - started < wait + SLACK
    assert VerdictStatus.UNDELIVERABLE not in {verdict.status for verdict in verdicts}
    return verdicts


async def test_a_dead_resolver_delays_no_answer(rig: Rig, dead_resolver: str) -> None:
    async with EmailVerifier(ResolverSettings((dead_resolver,), 5.0, 2), probing=rig.probing()) as verifier:
        verdicts = await timed(verifier, [f"fulano@empresa{n}.com.br" for n in range(2000)], 0.5)
    assert {True} == {verdict.pending for verdict in verdicts}


@pytest.fixture
async def patient_probe(rig: Rig) -> AsyncIterator[EmailVerifier]:
    async with rig.verifier(msgspec.structs.replace(rig.probing(), default_terms=QUICK)) as verifier:
        yield verifier


async def test_a_tarpit_on_every_mx_delays_no_answer(patient_probe: EmailVerifier) -> None:
    addresses = [f"p{n}@{domain}" for n in range(50) for domain in ("lento.com.br", "piche.com.br")]
    verdicts = await timed(patient_probe, addresses, 0.5)
    assert {True} == {verdict.pending for verdict in verdicts}


async def test_ten_thousand_at_a_tarpit_starve_nobody(patient_probe: EmailVerifier) -> None:
    slow = [f"pessoa{n}@lento.com.br" for n in range(10_000)]
    early = await timed(patient_probe, [*slow, "fulano@bom.com.br"], 4.0)
    assert Reason.ACCEPTED_NOT_CATCH_ALL == early[-1].reason
    assert {True} == {verdict.pending for verdict in early[:-1]}
    others = ["fulano@cofre.com.br", "beltrano@bom.com.br", "fulano@gmail.com", "fulano@teatro.com.br"]
    later = await timed(patient_probe, others, 4.0)
    assert [Reason.ACCEPTED_NOT_CATCH_ALL] * 4 == [verdict.reason for verdict in later]
