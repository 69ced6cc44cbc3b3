"""``bureau load`` and ``bureau generate``: source files in, source tables under ``<home>/sources`` out."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.settings import Settings

if TYPE_CHECKING:
    from loaders.report import LoadReport
    from loaders.tables import TableOptions

Run = Callable[[argparse.Namespace, Settings, Console], Outcome]


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    load = command(commands, "load", "load a source", everywhere)
    kinds = load.add_subparsers(required=True, metavar="KIND")

    _table_of(kinds, everywhere, "people", load_people)
    _table_of(kinds, everywhere, "companies", load_companies)

    register = command(kinds, "cnpj", "the public company register, zipped or not", everywhere)
    register.add_argument("directory", type=Path, metavar="DIR", help="with the files as they are published")
    register.add_argument("--release", metavar="NAME", help="release to write or replace (default: today)")
    register.set_defaults(run=load_register)

    generate = command(commands, "generate", "write a synthetic population to try out", everywhere)
    generate.add_argument("directory", type=Path, metavar="DIR", help="where; an earlier one there is replaced")
    generate.add_argument("--people", type=int, default=200_000, metavar="N", help="people of the population (200,000)")
    generate.add_argument(
        "--queries", type=int, default=5_000, metavar="N", help="stale records with their truth (5,000)"
    )
    generate.add_argument("--seed", type=int, default=1, metavar="N", help="the same one draws the same people (1)")
    generate.set_defaults(run=generate_population)


def _table_of(kinds: Any, everywhere: argparse.ArgumentParser, name: str, run: Run) -> None:
    table = command(kinds, name, f"{name} from CSV or Parquet tables", everywhere)
    table.add_argument("files", type=Path, nargs="+", metavar="FILE", help="one row a record, read as one table")
    table.add_argument("--map", type=Path, metavar="FILE", help='TOML or JSON: field = "column name"')
    table.add_argument("--source", metavar="NAME", help="name of the source (default: its column, or the file name)")
    table.add_argument("--release", metavar="NAME", help="release to write or replace (default: today)")
    table.set_defaults(run=run)


def load_people(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from loaders.people import load_people

    return _told(console, load_people(arguments.files, settings.home, _table_options(arguments, console)))


def load_companies(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from loaders.companies import load_companies

    return _told(console, load_companies(arguments.files, settings.home, _table_options(arguments, console)))


def _table_options(arguments: argparse.Namespace, console: Console) -> "TableOptions":
    from loaders.tables import TableOptions

    return TableOptions(
        source=arguments.source, release=arguments.release, mapping=arguments.map, progress=console.progress
    )


def load_register(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from loaders.cnpj import CnpjOptions, load_cnpj

    options = CnpjOptions(release=arguments.release, progress=console.progress)
    return _told(console, load_cnpj(arguments.directory, settings.home, options))


def _told(console: Console, report: "LoadReport") -> Outcome:
    for table, read in report.read.items():
        console.say(f"{table}: {read:,} rows read, {report.kept.get(table, 0):,} kept")
    for title, counts in (("refused", report.refused), ("not usable", report.unusable), ("noticed", report.noticed)):
        for reason, count in sorted(counts.items(), key=lambda item: -item[1]):
            console.say(f"  {title}: {reason} {count:,}")
    for release in report.releases:
        console.say(f"loaded as source {release.source}, release {release.release}")
    if report.refused:
        console.say("The refused rows, each with its reason, are in refusals.csv beside the tables.")
    return Outcome(report, worked=bool(report.kept))


def generate_population(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    del settings
    from loaders.synthetic import SyntheticOptions, generate

    summary = generate(
        arguments.directory,
        SyntheticOptions(
            people=arguments.people,
            queries=min(arguments.queries, arguments.people),
            seed=arguments.seed,
            progress=lambda done, total: console.progress("people", done, total),
        ),
    )
    console.say(f"{summary.people:,} synthetic people and {summary.companies:,} companies are in {arguments.directory}")
    return Outcome(summary)
