"""``bureau build`` and ``bureau populations``: snapshots made from the loaded sources, listed, and put to use."""

import argparse
import re
from typing import Any

from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.settings import Settings

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    build = command(commands, "build", "build a population from the loaded sources", everywhere)
    build.add_argument("--memory", metavar="SIZE", help="memory to keep below where that is possible, such as 4G")
    build.set_defaults(run=run_build)

    populations = command(commands, "populations", "list the populations, or use one", everywhere)
    populations.set_defaults(run=run_list)
    actions = populations.add_subparsers(metavar="ACTION")
    command(actions, "list", "show those on disk (the default)", everywhere).set_defaults(run=run_list)
    use = command(actions, "use", "roll forward or back to a population", everywhere)
    use.add_argument("id", metavar="ID", help="of the population, as list shows it")
    use.set_defaults(run=run_use)


def bytes_of(text: str) -> int:
    """``4G``, ``800M`` or plain bytes."""
    size = re.fullmatch(r"(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?", text.strip().lower())
    if not size or float(size[1]) == 0:
        raise InvalidArgument(f'"{text}" is not a size; write it as 4G, 800M or a number of bytes.')
    return int(float(size[1]) * _UNITS[size[2]])


def run_build(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.population.build import BuildOptions, build

    memory = bytes_of(arguments.memory) if arguments.memory else None
    report = build(settings.home, BuildOptions(memory=memory, progress=console.share))
    held = ", ".join(f"{report.counts.get(f'{kind}_entities', 0):,} {kind}" for kind in ("people", "companies"))
    console.say(f"built and in use: {report.id}, {held}")
    return Outcome(report)


def run_list(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    del arguments
    from bureau.population.publish import list_populations

    found = list_populations(settings.home)
    for population in found:
        held = [f"{population.counts.get(f'{kind}_entities', 0):,} {kind}" for kind in ("people", "companies")]
        mark = "*" if population.in_use else " "
        console.say(f"{mark} {population.id}  {population.created_at[:16]}  {', '.join(held)}")
    if not found:
        console.say("There is no population yet; load sources, then: bureau build")
    return Outcome({"populations": found})


def run_use(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.population.publish import use

    use(settings.home, arguments.id)
    console.say(f"in use: {arguments.id}")
    return Outcome({"current": arguments.id})
