"""``bureau status``: what is loaded, built and reachable in this home."""

import argparse
import asyncio
from typing import Any

from bureau.cli.output import Console, Outcome
from bureau.errors import PopulationUnavailable, StoreUnavailable
from bureau.settings import Settings


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    status = commands.add_parser("status", help="show what is loaded, built and reachable", parents=[everywhere])
    status.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked only when the home could serve: a usable population and a database."""
    del arguments
    sources = {
        source.name: sorted(release.name for release in source.iterdir() if not release.name.startswith("."))
        for source in sorted((settings.home / "sources").glob("*"))
        if source.is_dir()
    }
    population = _population(settings)
    database = asyncio.run(_database(settings))
    console.say(f"home        {settings.home}")
    for source, releases in sources.items():
        console.say(f"source      {source}: {', '.join(releases)}")
    console.say(f"population  {population.get('id') or population['problem']}")
    for kind in ("people", "companies") if "counts" in population else ():
        console.say(f"            {population['counts'][f'{kind}_entities']:,} {kind}")
    console.say(f"database    {database.get('server') or database['problem']}; valid keys: {database.get('keys', 0)}")
    summary = {"home": str(settings.home), "sources": sources, "population": population, "database": database}
    return Outcome(summary, worked="problem" not in population and "problem" not in database)


def _population(settings: Settings) -> dict[str, Any]:
    from bureau.population.reader import open_population

    try:
        manifest = open_population(settings.home).manifest
    except PopulationUnavailable as problem:
        return {"problem": str(problem)}
    return {"id": manifest.id, "created_at": manifest.created_at, "counts": manifest.counts}


async def _database(settings: Settings) -> dict[str, Any]:
    from bureau.access.keys import list_keys
    from bureau.store import Store

    try:
        async with await Store.open(settings) as store:
            valid = [key for key in await list_keys(store) if not key.revoked_at]
    except StoreUnavailable as problem:
        return {"problem": str(problem)}
    return {"server": "embedded" if settings.database_url is None else "given", "keys": len(valid)}
