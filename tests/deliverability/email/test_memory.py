"""Reports beside probes, and a verifier with a memory: it asks that first, and nobody about what is settled."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.dialogue import Identity
from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.memory import Known, Lookup, Probing, is_final, stronger
from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox, Stages, check_email
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.model.query import Depth

SILENT = ResolverSettings(servers=("127.0.0.1:9",), seconds=0.2, tries=1)
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Everything:
    """A memory that knows every domain and every mailbox, and remembers who was asked about."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.asked: list[str] = []

    def of_domains(self, _ask: Lookup) -> Lookup:
        async def known(domain: str) -> DomainFacts:
            return DomainFacts(domain, Route.MAIL, ("mx.example.com",))

        return known

    def of_mailboxes(self, _ask: Probing) -> Probing:
        return self

    async def probe(self, _facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        self.asked += addresses
        return [self.mailbox] * len(addresses)


@pytest.mark.parametrize(
    ("reported", "probed", "wins"),
    [
        ("hard_bounced", "accepted_not_catch_all", "hard_bounced"),
        ("suppressed_complaint", "accepted_not_catch_all", "suppressed_complaint"),
        ("confirmed_by_delivery", "catch_all", "confirmed_by_delivery"),
        ("confirmed_by_delivery", "mailbox_not_found", "mailbox_not_found"),
        ("soft_bounced", "accepted_not_catch_all", "accepted_not_catch_all"),
        ("soft_bounced", "greylisted", "soft_bounced"),
        ("soft_bounced", "ip_blocklisted", "soft_bounced"),
        ("soft_bounced", None, "soft_bounced"),
        (None, "greylisted", "greylisted"),
    ],
)
def test_which_of_a_report_and_a_probe_counts(reported: str | None, probed: str | None, wins: str) -> None:
    one, other = (Mailbox(Reason(reason)) if reason else None for reason in (reported, probed))
    found = stronger(one, other)
    assert found
    assert wins == found.reason


def test_a_remembered_check_is_no_younger_than_it_is() -> None:
    then = AT - timedelta(days=60)
    verdict = check_email("ana@example.com", AT, Stages(mailbox=Mailbox(Reason.MAILBOX_NOT_FOUND, False, then)))
    assert (then, then + JUDGEMENTS[Reason.MAILBOX_NOT_FOUND].lifetime) == (verdict.checked_at, verdict.expires_at)


def test_calibrated_confidences_take_the_place_of_the_assumed_ones() -> None:
    stages = Stages(mailbox=Mailbox(Reason.CATCH_ALL), confidences={Reason.CATCH_ALL: 0.61})
    assert 0.61 == check_email("ana@example.com", AT, stages).confidence


async def test_nobody_is_asked_about_what_a_report_settles() -> None:
    memory = Everything(Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False))
    probing = ProbeSettings(Identity("probe.example.com", "probe@example.com"))

    def reported(address: Address) -> Mailbox | None:
        return Mailbox(Reason.HARD_BOUNCED) if address.local == "bruno" else None

    async with EmailVerifier(SILENT, probing=probing, memory=memory) as verifier:
        found = await verifier.verify(
            ["ana@example.com", "bruno@example.com"], Depth.MAILBOX, 5.0, known=Known(reported)
        )
    assert ["accepted_not_catch_all", "hard_bounced"] == [verdict.reason for verdict in found]
    assert ["ana@example.com"] == memory.asked
    assert not any(verdict.pending for verdict in found)


async def test_a_report_counts_at_every_depth_and_is_never_pending() -> None:
    def reported(_address: Address) -> Mailbox | None:
        return Mailbox(Reason.SUPPRESSED_OPT_OUT)

    async with EmailVerifier(SILENT) as verifier:
        for depth in (Depth.SYNTAX, Depth.DNS):
            (found,) = await verifier.verify(["ana@example.com"], depth, 0.0, known=Known(reported))
            assert ("suppressed_opt_out", False) == (found.reason, found.pending)
    assert is_final(Mailbox(Reason.SUPPRESSED_OPT_OUT))


async def test_a_report_that_settles_nothing_does_not_hide_that_an_answer_is_late() -> None:
    async with EmailVerifier(SILENT) as verifier:
        known = Known(lambda _: Mailbox(Reason.SOFT_BOUNCED))
        (found,) = await verifier.verify(["ana@example.com"], Depth.DNS, 0.0, known=known)
    assert ("soft_bounced", True) == (found.reason, found.pending)
