"""``bureau verify``: verdicts on the e-mails and phones of a file, on this machine and without a server."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bureau.cli.around import client_of, has_database, purpose_of
from bureau.cli.commands import command
from bureau.cli.enrich import reading_of
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.model.query import Depth, Purpose
from bureau.settings import Settings

if TYPE_CHECKING:
    from bureau.enrich.verification import VerificationReport, Verifying


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    verify = command(commands, "verify", "verify the e-mails and phones of a file", everywhere)
    verify.add_argument("file", type=Path, metavar="FILE", help="e-mails and phones in any form that enrich reads")
    verify.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="CSV, .xlsx, .parquet, .jsonl")
    verify.add_argument("--map", type=Path, metavar="FILE", help='TOML or JSON: field = "column name"')
    verify.add_argument("--layout", metavar="FILE", help="of a fixed-width file: TOML or JSON, or cnab240, cnab400")
    verify.add_argument("--sheet", metavar="NAME", help="of a workbook (default: the first visible one)")
    depths = [depth.value for depth in Depth if depth is not Depth.NONE]
    verify.add_argument("--depth", choices=depths, default=Depth.DNS.value, help="how far e-mails are checked (dns)")
    verify.add_argument("--wait", type=float, default=60.0, metavar="S", help="for each few thousand rows (60 s)")
    verify.add_argument("--client", metavar="NAME", help="whose file it is: their opt-outs and complaints count too")
    verify.add_argument("--purpose", choices=[purpose.value for purpose in Purpose], help="what for (collection)")
    verify.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked when every row that could be read has its verdicts, final or not."""
    if not 0 <= arguments.wait <= 3600:
        raise InvalidArgument("--wait is 0 to 3600 seconds.")
    report = asyncio.run(_verify(arguments, settings, console))
    console.say(f"{report.rows:,} rows in {report.seconds:.1f} s")
    for kind, reasons in (("e-mails", report.emails), ("phones", report.phones)):
        for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
            console.say(f"  {kind}: {reason} {count:,}")
    if report.pending:
        console.say(
            f"  {report.pending:,} e-mails may be answered differently later: run it again after their recheck_at"
        )
    if report.unseen:
        console.say(f"  {report.unseen:,} contacts beyond the third of their row were not looked at")
    for reason, count in report.refused.items():
        console.say(f"  refused: {reason} {count:,} (see {arguments.output}.refusals.csv)")
    return Outcome(report)


async def _verify(arguments: argparse.Namespace, settings: Settings, console: Console) -> "VerificationReport":
    from bureau.enrich.verification import verify_file

    async with _verifying(arguments, settings) as how:
        return await verify_file(arguments.file, arguments.output, how, reading_of(arguments), console.progress)


@asynccontextmanager
async def _verifying(arguments: argparse.Namespace, settings: Settings) -> "AsyncIterator[Verifying]":
    """With the evidence of the home's database, if it has one; without it, what this run finds out by itself."""
    from bureau.deliverability.email.configuration import verifier_from
    from bureau.deliverability.phone.calling import NO_LISTS
    from bureau.deliverability.phone.do_not_call import read_list
    from bureau.enrich.standing import Situation
    from bureau.enrich.usable import Calling
    from bureau.enrich.verification import Verifying
    from bureau.overlay.service import Overlay
    from bureau.population.secret import home_secret
    from bureau.store import Store

    client, depth = client_of(arguments.client), Depth(arguments.depth)
    lists = read_list(settings.do_not_call) if settings.do_not_call else NO_LISTS
    calling = Calling(datetime.now(UTC), purpose_of(arguments.purpose).value, lists)
    if not has_database(settings):
        async with verifier_from(settings) as verifier:
            yield Verifying(verifier, depth, arguments.wait, Situation(calling))
        return
    async with (
        await Store.open(settings) as store,
        Overlay.open(store, home_secret(settings.home), settings) as overlay,
        verifier_from(settings, overlay.memory) as verifier,
    ):
        await overlay.refresh()
        situation = Situation(calling, overlay.seen_by(client))
        yield Verifying(verifier, depth, arguments.wait, situation, overlay.known_to(client))
