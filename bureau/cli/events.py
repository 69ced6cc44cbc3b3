"""``bureau events``: what became of messages, out of files, and the addresses that mail providers post to."""

import argparse
import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bureau.cli.around import client_of, in_store
from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.ids import ClientId
from bureau.settings import Settings

GROUP = 1_000  # events recorded at once
PROVIDERS = ("ses", "sendgrid")


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    events = command(commands, "events", "bounces and complaints: load files, take posts", everywhere)
    actions = events.add_subparsers(required=True, metavar="ACTION")
    load = command(
        actions, "load", "record events of files: DSN and ARF messages, mbox, SES and SendGrid JSON", everywhere
    )
    load.add_argument("files", type=Path, nargs="+", metavar="FILE", help="known by content")
    load.add_argument("--client", required=True, metavar="NAME", help="whose messages these were")
    load.set_defaults(run=run_load)
    source = command(actions, "source", "make an address for a provider to post to", everywhere)
    source.add_argument("--client", required=True, metavar="NAME", help="whose messages it reports on")
    source.add_argument("--provider", required=True, choices=PROVIDERS, help="who will post")
    source.set_defaults(run=run_source)
    sources = command(actions, "sources", "show them, and what has to be confirmed", everywhere)
    sources.set_defaults(run=run_sources)
    revoke = command(actions, "revoke", "end one", everywhere)
    revoke.add_argument("id", metavar="ID", help="as sources shows it")
    revoke.set_defaults(run=run_revoke)


def run_load(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    """Worked when every file could be read and every event names an address; what was recorded before one that could
    not stays recorded, and loading again counts nothing twice."""
    found = asyncio.run(_load(arguments, settings, console))
    console.say(f"{found['accepted']:,} events recorded, {found['duplicates']:,} were known before")
    if found["unusable"]:
        console.say(f"{found['unusable']:,} name nobody")
    return Outcome(found, worked=found["unusable"] == 0)


async def _load(arguments: argparse.Namespace, settings: Settings, console: Console) -> dict[str, int]:
    from bureau.overlay.event_log import EventLog
    from bureau.overlay.events import Event
    from bureau.overlay.fingerprints import Fingerprints
    from bureau.overlay.notices.files import read_file
    from bureau.population.secret import home_secret
    from bureau.store import Store

    client = _named(arguments.client)
    total = {"files": 0, "accepted": 0, "duplicates": 0, "unusable": 0}
    async with await Store.open(settings) as store:
        log = EventLog(store, Fingerprints(home_secret(settings.home)))
        for number, path in enumerate(arguments.files):
            console.progress("reading", number, len(arguments.files))
            events: Iterator[Event] = read_file(path)
            while group := list(islice(events, GROUP)):
                recorded = await log.record(client, group)
                total["accepted"] += recorded.accepted
                total["duplicates"] += recorded.duplicates
                total["unusable"] += recorded.unusable
            total["files"] += 1
    return total


def run_source(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.overlay.event_sources import Provider, create_source

    client, provider = _named(arguments.client), Provider(arguments.provider)
    source = in_store(settings, lambda store: create_source(store, client, provider))
    console.say(source.path)
    console.complain(
        f"Have {arguments.provider} post to your server's address followed by this. It is a secret and not shown again."
    )
    return Outcome({"id": source.id, "path": source.path})


def run_sources(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    del arguments
    from bureau.overlay.event_sources import list_sources

    found = in_store(settings, list_sources)
    for source in found:
        console.say(f"{source.id}  {source.provider}  {source.client}  {'revoked' if source.revoked_at else 'valid'}")
        if source.confirm_url and not source.revoked_at:
            console.say(f"  if you subscribed it, open once to confirm: {source.confirm_url}")
    if not found:
        console.say("There is none yet; make one with: bureau events source --client NAME --provider ses")
    return Outcome({"sources": found})


def run_revoke(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.overlay.event_sources import revoke_source

    if not in_store(settings, lambda store: revoke_source(store, arguments.id)):
        raise InvalidArgument("There is no event source of that id; bureau events sources shows them.")
    console.say(f"revoked: {arguments.id}")
    return Outcome({"id": arguments.id, "revoked": True})


def _named(name: str) -> ClientId:
    client = client_of(name)
    if not client:
        raise InvalidArgument("Name the client with --client.")
    return client
