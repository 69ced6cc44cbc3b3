"""A file of contacts verified: own columns untouched, verdicts behind them; the resolver never answers."""

import asyncio
import csv
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bureau.deliverability.email.memory import Known
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.deliverability.on_record import NothingOnRecord
from bureau.deliverability.phone.reasons import Reason as PhoneReason
from bureau.deliverability.phone.verdict import LiveAnswer
from bureau.enrich.standing import Situation
from bureau.enrich.usable import Calling
from bureau.enrich.verification import VERIFIED, VerificationReport, Verifying, verify_file
from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.rows import CHUNK_ROWS
from bureau.model.query import Depth

SILENT = ResolverSettings(servers=("127.0.0.1:9",), seconds=0.2, tries=1)
MONDAY = datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=-3)))
CALLING = Calling(MONDAY)

CUSTOMERS = """\
Nome;E-mail;Fone 1;Fone 2;Cidade;UF
Ana Lima;ana@example.com;98765-4320;;Sao Paulo;SP
Bia;"bia@@example; com";0800 123 4567;(97) 98765-4320;Tabatinga;AM
Caio;;;;;
Davi;contato@example.com;11 98765-4320;;;
"""


class OptedOut(NothingOnRecord):
    is_empty = False

    def phone(self, number: int, _entity: Any) -> LiveAnswer | None:
        return LiveAnswer(PhoneReason.SUPPRESSED_OPT_OUT, date(2026, 11, 1)) if number == 11987654320 else None


async def verified(
    source: Path, depth: Depth = Depth.SYNTAX, situation: Situation | None = None, known: Known | None = None
) -> tuple[VerificationReport, list[dict[str, str]]]:
    output = source.with_name("out.csv")
    async with EmailVerifier(SILENT) as verifier:
        how = Verifying(verifier, depth, 0.0, situation or Situation(CALLING), known or Known())
        report = await verify_file(source, output, how)
    with output.open(encoding="utf-8", newline="") as file:
        return report, list(csv.DictReader(file, delimiter=";"))


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(CUSTOMERS, encoding="utf-8")
    return path


async def test_own_columns_stay_and_every_contact_has_its_verdict(source: Path) -> None:
    report, rows = await verified(source)
    lines = lines_of(source.with_name("out.csv"))
    assert [line.startswith(own) for line, own in zip(lines, CUSTOMERS.splitlines(), strict=True)] == [True] * 5
    assert lines[0].endswith(";".join(VERIFIED.names))
    emails = [
        (row["bureau_email_1_status"], row["bureau_email_1_reason"], row["bureau_email_1_action"]) for row in rows
    ]
    assert [
        ("unknown", "not_checked", "send_with_care"),
        ("undeliverable", "syntax_invalid", "do_not_send"),
        ("", "", ""),
        ("risky", "role_account", "send_with_care"),
    ] == emails
    first, second = rows[:2]
    assert ("+5511987654320", "mobile", "well_formed") == tuple(
        first[f"bureau_phone_1{suffix}"] for suffix in ("", "_type", "_reason")
    )  # its area code is the city's
    assert "2026-11-23T20:00:00-03:00" == first["bureau_phone_1_usable_until"]
    assert ("non_geographic", "invalid") == (second["bureau_phone_1_reason"], second["bureau_phone_1_blocked_by"])
    assert "2026-11-23T19:00:00-05:00" == second["bureau_phone_2_usable_until"]  # the west of Amazonas
    assert (4, 4, 4, 0) == (report.rows, sum(report.emails.values()) + 1, sum(report.phones.values()), report.unseen)


async def test_what_is_late_says_when_to_ask_again(source: Path) -> None:
    report, rows = await verified(source, Depth.DNS)
    assert ["bureau_email_1_recheck_at" in row and bool(row["bureau_email_1_recheck_at"]) for row in rows] == [
        True,
        False,
        False,
        True,
    ]
    assert 2 == report.pending


async def test_what_was_reported_counts(source: Path) -> None:
    def bounced(address: Address) -> Mailbox | None:
        return Mailbox(Reason.HARD_BOUNCED) if address.local == "ana" else None

    _, rows = await verified(source, situation=Situation(CALLING, OptedOut()), known=Known(bounced))
    assert ("undeliverable", "hard_bounced") == (rows[0]["bureau_email_1_status"], rows[0]["bureau_email_1_reason"])
    assert ("suppressed_opt_out", "do_not_send", "opposition") == tuple(
        rows[3][f"bureau_phone_1{suffix}"] for suffix in ("_reason", "_action", "_blocked_by")
    )


async def test_contacts_beyond_the_third_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("nome;emails\nAna;a@example.com|b@example.com|c@example.com|d@example.com\n", encoding="utf-8")
    report, rows = await verified(path)
    assert (1, "c@example.com") == (report.unseen, rows[0]["bureau_email_3"])


async def test_a_file_without_contacts_or_onto_itself_is_refused(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("nome;cpf\nAna;123.456.789-09\n", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="no column of e-mails or phones"):
        await verified(path)
    async with EmailVerifier(SILENT) as verifier:
        with pytest.raises(InvalidArgument, match="overwrite"):
            await verify_file(source, source, Verifying(verifier, Depth.SYNTAX, 0.0, Situation(CALLING)))
    assert CUSTOMERS.splitlines() == lines_of(source)


@pytest.fixture
def long_source(source: Path) -> Path:
    """Of three chunks, with an earlier result beside it."""
    source.write_text("nome;fone\n" + "ANA;11 98765-4320\n" * 3 * CHUNK_ROWS)
    source.with_name("out.csv").write_text("earlier")
    return source


def names_beside(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


async def test_an_interrupt_ends_it_within_a_chunk_and_leaves_what_was_there(long_source: Path) -> None:
    """Ctrl-C reaches an event loop as a cancelled task; syntax alone never waits for anything."""
    output = long_source.with_name("out.csv")
    told: list[int] = []

    def interrupted(_stage: str, done: int, _size: int) -> None:
        told.append(done)
        task.cancel()

    async with EmailVerifier(SILENT) as verifier:
        how = Verifying(verifier, Depth.SYNTAX, 0.0, Situation(CALLING))
        task = asyncio.create_task(verify_file(long_source, output, how, progress=interrupted))
        with pytest.raises(asyncio.CancelledError):
            await task
    assert 1 == len(told)
    assert ["earlier"] == lines_of(output)
    assert ["in.csv", "out.csv"] == names_beside(output)
