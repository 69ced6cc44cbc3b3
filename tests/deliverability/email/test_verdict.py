"""Which reason wins, what never counts against a contact, and suggestions."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.syntax import SyntaxDetail
from bureau.deliverability.email.verdict import Mailbox, Stages, check_email
from bureau.deliverability.sightings import Sighting
from bureau.model.answer import Action, VerdictStatus

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reason(address: str, route: Route | None = None, said: Reason | None = None, **stages: object) -> Reason:
    domain = DomainFacts("exemplo.com.br", route) if route else None
    mailbox = Mailbox(said) if said else None
    return check_email(address, AT, Stages(domain, mailbox, **stages)).reason  # type: ignore[arg-type]


def test_every_reason_has_its_judgement() -> None:
    assert set(Reason) == set(JUDGEMENTS)


def test_nothing_temporary_or_ours_counts_against_the_contact() -> None:
    for found, judgement in JUDGEMENTS.items():
        if judgement.fault is not Fault.CONTACT:
            assert (found, VerdictStatus.UNKNOWN) == (found, judgement.status)
    assert {VerdictStatus.DELIVERABLE: Action.SEND} == {
        j.status: j.action for j in JUDGEMENTS.values() if j.status is VerdictStatus.DELIVERABLE
    }


def test_a_fine_address_nobody_looked_at_is_unknown_not_deliverable() -> None:
    verdict = check_email("Fulano@Exemplo.com.br", AT)
    assert (VerdictStatus.UNKNOWN, Reason.NOT_CHECKED, Action.SEND_WITH_CARE) == (
        verdict.status,
        verdict.reason,
        verdict.action,
    )
    assert AT + timedelta(days=1) == verdict.expires_at


def test_any_text_gets_a_verdict_that_can_be_sent() -> None:
    for text in ("ful\ud800ano@exemplo.com.br", "\x00", "@" * 5000, "joão@ação.com.br"):
        assert msgspec.json.encode(check_email(text, AT))


def test_syntax_names_its_detail() -> None:
    verdict = check_email("fulano..tal@exemplo.com.br", AT)
    assert (Reason.SYNTAX_INVALID, SyntaxDetail.LOCAL_DOTS) == (verdict.reason, verdict.detail)


@pytest.mark.parametrize(
    ("address", "route", "said", "expected"),
    [
        ("fulano@exemplo.com.br", Route.MAIL, None, Reason.MAILBOX_NOT_CHECKED),
        ("fulano@exemplo.com.br", Route.TIMEOUT, None, Reason.DNS_TIMEOUT),
        ("fulano@exemplo.com.br", Route.SERVFAIL, None, Reason.DNS_SERVFAIL),
        ("fulano@exemplo.com.br", Route.REFUSED, None, Reason.DNS_REFUSED),
        ("fulano@exemplo.com.br", Route.NULL_MX, None, Reason.NULL_MX),
        ("contato@exemplo.com.br", None, None, Reason.ROLE_ACCOUNT),
        ("contato@exemplo.com.br", Route.NOT_FOUND, None, Reason.DOMAIN_NOT_FOUND),
        ("contato@exemplo.com.br", Route.MAIL, Reason.MAILBOX_NOT_FOUND, Reason.MAILBOX_NOT_FOUND),
        ("contato@exemplo.com.br", Route.MAIL, Reason.ACCEPTED_NOT_CATCH_ALL, Reason.ROLE_ACCOUNT),
        ("fulano@exemplo.com.br", Route.MAIL, Reason.ACCEPTED_NOT_CATCH_ALL, Reason.ACCEPTED_NOT_CATCH_ALL),
        ("fulano@exemplo.com.br", Route.MAIL, Reason.GREYLISTED, Reason.GREYLISTED),
        ("fulano@mailinator.com", Route.TIMEOUT, None, Reason.DISPOSABLE),
        ("fulano@sub.mailinator.com", None, None, Reason.DISPOSABLE),
        ("fulano@privaterelay.appleid.com", None, None, Reason.PRIVACY_RELAY),
        ("fulano@gmial.com.br", Route.MAIL, None, Reason.MAILBOX_NOT_CHECKED),
        ("fulano@gmal.com", None, None, Reason.TYPO_SUSPECTED),
        ("fulano@gmal.com", Route.MAIL, None, Reason.TYPO_SUSPECTED),
        ("fulano@livre.com", Route.MAIL, None, Reason.MAILBOX_NOT_CHECKED),
        ("bcdfghjk@exemplo.com.br", None, None, Reason.GIBBERISH_LOCAL),
        ("schwarzkopf@exemplo.com.br", None, None, Reason.NOT_CHECKED),
    ],
)
def test_the_weightiest_stage_wins(address: str, route: Route | None, said: Reason | None, expected: Reason) -> None:
    assert expected == reason(address, route, said)


def test_a_company_may_have_role_accounts() -> None:
    assert Reason.NOT_CHECKED == reason("contato@exemplo.com.br", expects_role=True)


@pytest.mark.parametrize("local", ["contato", "RH2", "vendas.sp", "nao-responda", "financeiro"])
def test_role_accounts(local: str) -> None:
    assert Reason.ROLE_ACCOUNT == reason(f"{local}@exemplo.com.br")


@pytest.mark.parametrize("local", ["pessoal.joao", "contatojoao", "maria.vendas", "fulano"])
def test_people_are_no_role_accounts(local: str) -> None:
    assert Reason.NOT_CHECKED == reason(f"{local}@exemplo.com.br")


def test_old_sightings_are_stale_and_recent_ones_raise_confidence() -> None:
    assert Reason.STALE == reason("fulano@exemplo.com.br", sighting=Sighting(1500, 3))
    plain = check_email("fulano@exemplo.com.br", AT)
    once = check_email("fulano@exemplo.com.br", AT, Stages(sighting=Sighting(900)))
    often = check_email("fulano@exemplo.com.br", AT, Stages(sighting=Sighting(30, 2)))
    assert once.confidence < plain.confidence < often.confidence
    assert {"last seen: 30 days ago": 1.0, "sources: 2": 1.0} == {row.what: row.bits for row in often.evidence}


def test_a_suggestion_needs_a_dead_or_trap_domain_and_a_living_proposal() -> None:
    def suggested(typed: str, route: Route | None, proposal: Route | None) -> tuple[str, bool | None] | None:
        known = (lambda d: DomainFacts(d, proposal)) if proposal else (lambda _: None)
        domain = DomainFacts(typed, route) if route else None
        found = check_email(f"fulano@{typed}", AT, Stages(domain, known_domains=known)).suggestion
        return (found.address, found.suggested_domain_has_mx) if found else None

    assert ("fulano@gmail.com", None) == suggested("gmal.com", None, None)
    assert ("fulano@gmail.com", True) == suggested("gmal.com", Route.MAIL, Route.MAIL)
    assert suggested("gmal.com", Route.NOT_FOUND, Route.NO_MAIL) is None
    assert suggested("livre.com", None, Route.MAIL) is None
    assert suggested("livre.com", Route.MAIL, Route.MAIL) is None
    assert ("fulano@live.com", True) == suggested("livre.com", Route.NO_MAIL, Route.MAIL)
    assert suggested("gmail.com.br", Route.NOT_FOUND, Route.MAIL) is None
    assert suggested("gmail.com", Route.NOT_FOUND, Route.MAIL) is None


def test_spellings_of_one_mailbox_share_a_key() -> None:
    keys = {
        check_email(text, AT).facts.dedupe_key  # type: ignore[union-attr]
        for text in ("Fu.Lano+loja@gmail.com", "fulano@googlemail.com", "FULANO@GMAIL.COM")
    }
    assert {"fulano@gmail.com"} == keys
    assert "fu.lano+x@exemplo.com.br" == check_email("Fu.Lano+x@exemplo.com.br", AT).facts.dedupe_key  # type: ignore[union-attr]


def test_a_verdict_does_not_outlive_its_dns_facts() -> None:
    facts = DomainFacts("exemplo.com.br", Route.MAIL, valid_for=timedelta(hours=2))
    assert AT + timedelta(hours=2) == check_email("fulano@exemplo.com.br", AT, Stages(facts)).expires_at
    facts = DomainFacts("exemplo.com.br", Route.MAIL, valid_for=timedelta(seconds=5))
    assert AT + timedelta(hours=1) == check_email("fulano@exemplo.com.br", AT, Stages(facts)).expires_at
