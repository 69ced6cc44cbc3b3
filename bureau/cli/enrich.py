"""``bureau enrich``: a customer's file in, the same file with answers out, on this machine and without a server."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from bureau.cli.around import client_of, purpose_of, surroundings
from bureau.cli.commands import command
from bureau.cli.numbers import at_least_one
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.model.query import Depth, Kind, Options, Purpose
from bureau.settings import Settings

if TYPE_CHECKING:
    from bureau.intake.tables import Reading


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    enrich = command(commands, "enrich", "enrich a file: CSV, XLSX, Parquet, JSON, CNAB", everywhere)
    enrich.add_argument("file", type=Path, metavar="FILE", help="what clients sent, packed or not")
    what = enrich.add_mutually_exclusive_group(required=True)
    what.add_argument("-o", "--output", type=Path, metavar="FILE", help="its suffix says the form")
    what.add_argument("--preview", action="store_true", help="only say what the columns are taken for")
    enrich.add_argument("--map", type=Path, metavar="FILE", help='TOML or JSON: field = "column name"')
    enrich.add_argument("--layout", metavar="FILE", help="of a fixed-width file: TOML or JSON, or cnab240, cnab400")
    enrich.add_argument("--sheet", metavar="NAME", help="of a workbook (default: the first visible one)")
    enrich.add_argument("--kind", choices=[kind.value for kind in Kind], help="what every row is (default: by column)")
    enrich.add_argument("--min-probability", type=float, metavar="P", help="below it nobody is answered (0.95)")
    enrich.add_argument("--max-age-days", type=int, metavar="N", help="leave out contacts last seen before that")
    enrich.add_argument("--depth", choices=[Depth.NONE.value, Depth.SYNTAX.value], help="how far contacts are checked")
    enrich.add_argument("--client", metavar="NAME", help="whose file it is: their opt-outs and complaints count too")
    enrich.add_argument("--purpose", choices=[purpose.value for purpose in Purpose], help="what for (collection)")
    enrich.add_argument("--processes", type=at_least_one, metavar="N", help="processes (default: as many as pay)")
    enrich.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked when every row was answered; refused ones are in the refusals file."""
    if arguments.preview:
        return show_preview(arguments, console)
    from bureau.enrich.batch import answering
    from bureau.enrich.files import FileOptions, enrich_file
    from bureau.enrich.settled import SettledAnswers

    around = surroundings(settings, client_of(arguments.client), purpose_of(arguments.purpose))
    answer = SettledAnswers(answering(settings.home, options_of(arguments)), around)
    files = FileOptions(
        reading=reading_of(arguments),
        kind=Kind(arguments.kind) if arguments.kind else None,
        processes=arguments.processes,
        progress=console.progress,
    )
    report = enrich_file(arguments.file, arguments.output, answer, files)
    console.say(f"{report.rows:,} rows in {report.seconds:.1f} s ({report.rows_per_second:,} a second)")
    for status, count in report.statuses.items():
        console.say(f"  {status}: {count:,}")
    console.say(f"  with an e-mail: {report.emails:,}; with a phone: {report.phones:,}")
    for reason, count in report.refused.items():
        console.say(f"  refused: {reason} {count:,} (see {arguments.output}.refusals.csv)")
    return Outcome(report)


def show_preview(arguments: argparse.Namespace, console: Console) -> Outcome:
    """What a file is taken for, for people; with ``--json`` all of it for programs."""
    from bureau.intake.preview import preview

    found = preview(arguments.file, reading_of(arguments))
    details = {"encoding": found.encoding, "delimiter": found.delimiter, "sheet": found.sheet, "layout": found.layout}
    told = [str(found.form), *(f"{name} {value!r}" for name, value in details.items() if value)]
    console.say(f"{arguments.file}: {', '.join(told)}{'' if found.headed else ', without a header'}")
    for column in found.columns:
        guess = column.guess
        taken = f"{guess.field} (by {guess.why}, {guess.confidence:.0%})" if guess.field else "not used"
        console.say(f"  {guess.position:3} {guess.name}: {taken}; for example {', '.join(column.values) or 'nothing'}")
    console.say(f"  of the first {found.rows_seen:,} rows {sum(found.refused.values()):,} would be refused")
    for refusal in found.refusals:
        console.say(f"  row {refusal.row}: {refusal.reason}")
    for rule, count in found.repairs.items():
        console.say(f"  repaired: {rule} {count:,}")
    console.say('  A wrong column? Put field = "column" lines into a file and give it with --map.')
    return Outcome(found)


def reading_of(arguments: argparse.Namespace) -> "Reading":
    """What the user says about the file."""
    from bureau.intake.headers import read_mapping
    from bureau.intake.layouts import read_layout
    from bureau.intake.tables import Reading

    return Reading(
        mapping=read_mapping(arguments.map) if arguments.map else None,
        layout=read_layout(arguments.layout) if arguments.layout else None,
        sheet=arguments.sheet,
    )


def options_of(arguments: argparse.Namespace) -> Options:
    """The options of a request, checked as the HTTP interface checks them."""
    given = {name: getattr(arguments, name) for name in ("min_probability", "max_age_days", "depth")}
    try:
        return msgspec.convert({name: value for name, value in given.items() if value is not None}, Options)
    except msgspec.ValidationError as problem:
        reason, _, where = str(problem).partition(" - at `$.")
        raise InvalidArgument(f"--{where.rstrip('`').replace('_', '-')}: {reason.lower()}.") from None
