"""``bureau status``: what is loaded, built and reachable in this home."""

import argparse
import asyncio
from typing import Any

from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import PopulationUnavailable, StoreUnavailable, UnreadableInput
from bureau.settings import Settings


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    status = command(commands, "status", "show what is loaded, built and reachable", everywhere)
    status.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked only when the home could serve: a usable population and a database."""
    del arguments
    loaded = {
        source.name: sorted(release.name for release in source.iterdir() if not release.name.startswith("."))
        for source in sorted((settings.home / "sources").glob("*"))
        if source.is_dir()
    }
    sources = {source: releases for source, releases in loaded.items() if releases}  # a load may have failed
    population = _population(settings)
    database = asyncio.run(_database(settings))
    console.say(f"home        {settings.home}")
    for source, releases in sources.items():
        console.say(f"source      {source}: {', '.join(releases)}")
    console.say(f"population  {population.get('id') or population['problem']}")
    for kind in ("people", "companies") if "counts" in population else ():
        console.say(f"            {population['counts'][f'{kind}_entities']:,} {kind}")
    models = _models(settings)
    console.say(
        f"models      {models.get('problem') or ', '.join(f'{kind} {version}' for kind, version in models.items())}"
    )
    console.say(f"database    {database.get('server') or database['problem']}; valid keys: {database.get('keys', 0)}")
    if jobs := database.get("jobs"):
        console.say(f"jobs        {', '.join(f'{state} {count:,}' for state, count in jobs.items())}")
    summary = {"home": str(settings.home), "sources": sources}
    parts = {"population": population, "models": models, "database": database}
    return Outcome(summary | parts, worked=not any("problem" in part for part in parts.values()))


def _population(settings: Settings) -> dict[str, Any]:
    from bureau.population.reader import open_population

    try:
        manifest = open_population(settings.home).manifest
    except PopulationUnavailable as problem:
        return {"problem": str(problem)}
    return {"id": manifest.id, "created_at": manifest.created_at, "counts": manifest.counts}


def _models(settings: Settings) -> dict[str, str]:
    """The version of the matching model of each kind, as a server that starts now would use it."""
    from bureau.matching.model import default_model
    from bureau.population.models import FOLDER, trained_models

    try:
        trained = trained_models(settings.home)
    except UnreadableInput as problem:
        return {"problem": str(problem)}
    return {folder: (trained.get(kind) or default_model(folder)).version for kind, folder in FOLDER.items()}


async def _database(settings: Settings) -> dict[str, Any]:
    from bureau.access.keys import list_keys
    from bureau.jobs.registry import jobs_by_state
    from bureau.store import Store

    try:
        async with await Store.open(settings) as store:
            valid = [key for key in await list_keys(store) if not key.revoked_at]
            jobs = await jobs_by_state(store)
    except StoreUnavailable as problem:
        return {"problem": str(problem)}
    return {"server": "embedded" if settings.database_url is None else "given", "keys": len(valid), "jobs": jobs}
