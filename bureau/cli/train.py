"""``bureau train``: the matching model's probabilities learnt from the loaded sources, without labels."""

import argparse
from typing import TYPE_CHECKING, Any

from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.settings import Settings

if TYPE_CHECKING:
    from bureau.population.training import TrainingReport

_FEWEST = 10_000  # random pairs: a swapped day and month, the rarest chance agreement, comes once in 25,000


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    train = command(commands, "train", "learn the matching weights from the loaded sources", everywhere)
    train.add_argument("--pairs", type=int, default=2_000_000, metavar="N", help="pairs drawn at random")
    train.add_argument("--rows", type=int, default=50_000, metavar="N", help="rows looked up in the other sources")
    train.add_argument("--seed", type=int, default=1, metavar="N", help="of the draws (1)")
    train.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked when the model is written; levels that the sources cannot teach keep their shipped numbers."""
    from bureau.population.training import TrainingOptions, train

    if arguments.pairs < _FEWEST or arguments.rows < 1 or arguments.seed < 0:
        raise InvalidArgument(f"--pairs is at least {_FEWEST:,}, --rows at least 1 and --seed at least 0.")
    options = TrainingOptions(arguments.pairs, arguments.rows, arguments.seed, console.share)
    report = train(settings.home, options)
    _tell(console, report)
    return Outcome(report)


def _tell(console: Console, report: "TrainingReport") -> None:
    console.say(f"{report.asked:,} look-ups in other sources: {report.matches:,.0f} matches, {report.rounds} rounds.")
    console.say(f"Of the rows {report.coverage:.1%} are of people whom another source holds.")
    kin = ", ".join(f"{count:.4g} {name}s" for name, count in report.relatives.items())
    console.say(f"Relatives who could turn up in a person's stead: {kin}.")
    console.say(f"{'':18}{'m':>9}{'learnt':>9}{'CPF':>9}{'u':>10}{'learnt':>10}{'matches':>11}")
    for level in report.levels:
        m = f"{level.m_before:9.4f}{level.m:9.4f}{_shown(level.m_equal_tax_ids, 9, 4)}"
        u = f"{_shown(level.u_before, 10, 5)}{_shown(level.u, 10, 5)}"
        console.say(f"{level.level:18}{m}{u}{level.matches:11,.0f}")
    console.say("CPF: counted among pairs of equal valid CPFs, as a check; learning made no use of them.")
    if not report.asked:
        console.say("Nothing was learnt: that takes another source, or an older release, of some of the same people.")
    console.say(f"In use from the next start on: {report.path}")


def _shown(probability: float | None, width: int, digits: int) -> str:
    return f"{'':{width}}" if probability is None else f"{probability:{width}.{digits}f}"
