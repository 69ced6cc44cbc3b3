"""Verdicts that need the network, with a name server that never answers: late is pending, never wrong."""

from datetime import UTC, datetime

from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.enrich.verdicts import Wanted, deepen
from bureau.model.answer import Action, Answer, Charge, EmailAnswer, Match, Status, VerdictStatus
from bureau.model.query import Depth, Options


def answer(entity: str, address: str) -> Answer:
    email = EmailAnswer(
        address=address,
        known_to_client=False,
        status=VerdictStatus.UNKNOWN,
        reason="not_checked",
        action=Action.SEND_WITH_CARE,
        confidence=0.5,
        sources=1,
        checked_at=datetime.now(UTC),
    )
    found = Match(entity, 0.99, 10.0, 1, "pop_x", "model_x")
    return Answer(id="enr_x", status=Status.MATCHED, charge=Charge(1, "matched"), match=found, emails=[email])


async def test_what_is_late_comes_back_pending_and_a_companys_role_account_is_no_risk() -> None:
    silent = ResolverSettings(servers=("127.0.0.1:9",), seconds=0.2, tries=1)
    async with EmailVerifier(silent) as verifier:
        person, company, shallow = (
            answer("per_1", "contato@example.com"),
            answer("com_1", "contato@example.com"),
            answer("per_1", "ana@example.com"),
        )
        late = [
            await deepen(person, verifier, Wanted(Options(depth=Depth.DNS, wait_ms=0))),
            await deepen(company, verifier, Wanted(Options(depth=Depth.DNS, wait_ms=0))),
            await deepen(shallow, verifier, Wanted(Options(depth=Depth.SYNTAX, wait_ms=0))),
        ]
    assert person.emails[0].pending
    assert person.emails[0].recheck_at is not None
    assert "role_account" == person.emails[0].reason
    assert "role_account" != company.emails[0].reason
    assert not shallow.emails[0].pending
    assert [1, 1, 0] == [len(deepened.pending) for deepened in late]
