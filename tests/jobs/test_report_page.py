"""The page says what the report counts, in both languages, and nothing a client sent can become markup."""

import datetime as dt

import msgspec
import pytest

from bureau.jobs.report import Report
from bureau.jobs.report_page import number, report_page, share
from bureau.jobs.report_texts import TEXTS
from bureau.jobs.tally import Charged, Contacts

REPORT = Report(
    job="job_1",
    dry_run=False,
    rows=12_000,
    answered=11_000,
    refused=1_000,
    hit_rate=0.7254,
    statuses={"matched": 8_000, "ambiguous": 1_000, "not_found": 2_000},
    refusals={"too_few_fields": 999, "<script>": 1},
    with_email=5_000,
    with_phone=7_000,
    emails=Contacts(new=4_000, confirmed=10, refuted=20, unsettled=30, verdicts={"unknown": 4_060}),
    phones=Contacts(new=6_000, verdicts={"valid": 6_000}),
    repairs={"ninth_digit_added": 77},
    charge=Charged(units=7_500, repeated=400, requeried=100),
    population="pop_1",
    made_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)


def test_figures_as_each_language_writes_them() -> None:
    assert ("12,000", "12.000", "72.5%", "72,5%") == (
        number(12_000, "en"), number(12_000, "pt"), share(0.7254, "en"), share(0.7254, "pt")
    )  # fmt: skip
    assert "8,000 (66.7%)" in report_page(REPORT, "en")
    assert "8.000 (66,7%)" in report_page(REPORT, "pt")


@pytest.mark.parametrize("language", list(TEXTS))
def test_codes_are_escaped_and_plots_without_counts_left_out(language: str) -> None:
    page = report_page(REPORT, language)
    assert "<script" not in page
    bare = msgspec.structs.replace(REPORT, repairs={}, refusals={})
    assert TEXTS[language]["repairs"] in page
    assert TEXTS[language]["repairs"] not in report_page(bare, language)


def test_a_dry_run_says_so() -> None:
    assert TEXTS["pt"]["would_cost"] in report_page(msgspec.structs.replace(REPORT, dry_run=True), "pt")


def test_both_languages_say_the_same_things() -> None:
    places = [{name for name in texts if not name.startswith("=")} for texts in TEXTS.values()]
    assert places[0] == places[1]
