"""The report as a page that needs nothing else: no script, no font, no address; in English or Portuguese."""

from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from bureau.jobs.report import Report
from bureau.jobs.report_texts import TEXTS
from bureau.jobs.tally import Contacts

LANGUAGES = tuple(TEXTS)
_GOOD, _NEUTRAL, _BAD = "#2f7d4f", "#7a8797", "#b4452f"
_TONES = {
    **dict.fromkeys(("matched", "deliverable", "valid", "new", "confirmed", "units"), _GOOD),
    **dict.fromkeys(("undeliverable", "invalid", "refuted", "refused"), _BAD),
}
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1d2733; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem; margin-bottom: 0 } h2 { font-size: 1.05rem; margin: 1.8rem 0 .3rem }
.small { color: #5b6775; font-size: .85rem } .figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0 }
.figure { border: 1px solid #d8dee6; border-radius: 6px; padding: .5rem .9rem; min-width: 7.5rem }
.figure b { display: block; font-size: 1.35rem }
.bar { display: grid; grid-template-columns: 13rem 1fr; gap: .6rem; margin: .25rem 0; line-height: 1.3 }
.bar span { text-align: right; overflow-wrap: anywhere } .bar div { display: flex; gap: .5rem; white-space: nowrap }
.bar i { flex: none; height: 1.2rem; min-width: 1px; -webkit-print-color-adjust: exact; print-color-adjust: exact }
@media (max-width: 34rem) { .bar { grid-template-columns: 8rem 1fr; font-size: .85rem } }
"""


class Bar(NamedTuple):
    """One line of a plot; ``tone`` is a colour."""

    label: str
    amount: int
    tone: str


def report_page(report: Report, language: str) -> str:
    """The whole page; ``language`` is one of :data:`LANGUAGES`."""
    texts = TEXTS[language]
    body = [
        f"<h1>{escape(texts['title'])}</h1>",
        f'<p class="small">{escape(report.job)} · {report.made_at:%Y-%m-%d %H:%M} UTC'
        f"{' · ' + escape(texts['dry_run']) if report.dry_run else ''}</p>",
        _figures(report, language),
        _plot(texts["rows"], _bars({**report.statuses, "refused": report.refused}, texts), language),
        _plot(texts["emails"], _contacts(report.emails, texts), language),
        _plot(texts["email_verdicts"], _bars(report.emails.verdicts, texts), language),
        _plot(texts["phones"], _contacts(report.phones, texts), language),
        _plot(texts["phone_verdicts"], _bars(report.phones.verdicts, texts), language),
        _plot(texts["repairs"], _bars(report.repairs, texts), language),
        _plot(texts["refusals"], _bars(report.refusals, texts, _BAD), language),
        _plot(texts["charge"], _charge(report, texts), language),
        f'<p class="small">{escape(texts["note"])} {escape(report.population or "")}</p>',
    ]
    return (
        f'<!doctype html><html lang="{escape(language)}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(texts["title"])}</title>'
        f"<style>{_STYLE}</style><body>{''.join(body)}</body></html>"
    )


def _figures(report: Report, language: str) -> str:
    texts = TEXTS[language]
    shown = [
        (number(report.rows, language), texts["rows_in_file"]),
        (share(report.hit_rate, language), texts["hit_rate"]),
        (number(report.emails.new + report.phones.new, language), texts["new_contacts"]),
        (number(report.charge.units, language), texts["would_cost"] if report.dry_run else texts["units"]),
    ]
    cells = [f'<div class="figure"><b>{escape(value)}</b>{escape(name)}</div>' for value, name in shown]
    return f'<div class="figures">{"".join(cells)}</div>'


def _contacts(contacts: Contacts, texts: Mapping[str, str]) -> list[Bar]:
    counts = {name: getattr(contacts, name) for name in ("new", "confirmed", "unsettled", "refuted")}
    return _bars(counts, texts)


def _charge(report: Report, texts: Mapping[str, str]) -> list[Bar]:
    charge = report.charge
    return _bars({"units": charge.units, "repeated": charge.repeated, "requeried": charge.requeried}, texts)


def _bars(counts: Mapping[str, int], texts: Mapping[str, str], tone: str | None = None) -> list[Bar]:
    """Codes without a text of their own (rules of repair, reasons) are shown as words."""
    return [
        Bar(texts.get(f"={code}", code.replace("_", " ")), count, tone or _TONES.get(code, _NEUTRAL))
        for code, count in counts.items()
    ]


def _plot(title: str, bars: list[Bar], language: str) -> str:
    """A heading and horizontal bars, each with its label, count and share; nothing where all is nought."""
    total = sum(bar.amount for bar in bars)
    if not total:
        return ""
    longest = max(bar.amount for bar in bars)
    return f"<h2>{escape(title)}</h2>" + "".join(_line(bar, (longest, total), language) for bar in bars)


def _line(bar: Bar, scale: tuple[int, int], language: str) -> str:
    """Boxes rather than a drawing: letters keep their size on a telephone. Figures beside the longest bar have 11 em
    to themselves."""
    longest, total = scale
    value = f"{number(bar.amount, language)} ({share(bar.amount / total, language)})"
    return (
        f'<div class="bar"><span>{escape(bar.label)}</span><div>'
        f'<i style="width: calc((100% - 11em) * {bar.amount / longest:.3f}); background: {bar.tone}"></i>'
        f"{escape(value)}</div></div>"
    )


def number(value: int, language: str) -> str:
    """``12,345`` or ``12.345``."""
    shown = f"{value:,}"
    return shown.replace(",", ".") if language == "pt" else shown


def share(value: float, language: str) -> str:
    """``12.3%`` or ``12,3%``."""
    shown = f"{value:.1%}"
    return shown.replace(".", ",") if language == "pt" else shown
