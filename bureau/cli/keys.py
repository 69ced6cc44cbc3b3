"""``bureau keys``: who may call the HTTP interface."""

import argparse
from typing import Any

from bureau.access.roles import Role
from bureau.cli.around import in_store
from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.model.query import Purpose
from bureau.settings import Settings


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    keys = command(commands, "keys", "create, list and revoke API keys", everywhere)
    actions = keys.add_subparsers(required=True, metavar="ACTION")
    create = command(actions, "create", "make a key and print it, once", everywhere)
    create.add_argument("--client", required=True, metavar="NAME", help="whose key it is")
    create.add_argument(
        "--purpose", choices=[purpose.value for purpose in Purpose], help="purpose of requests that name none"
    )
    create.add_argument(
        "--role",
        choices=[role.value for role in Role],
        default=Role.CLIENT.value,
        help="officer: answers data subjects (GET /v1/subjects) and opens nothing else",
    )
    create.set_defaults(run=run_create)
    every = command(actions, "list", "show all keys, without their secrets", everywhere)
    every.set_defaults(run=run_list)
    revoke = command(actions, "revoke", "end a key, everywhere within a second", everywhere)
    revoke.add_argument("id", metavar="ID", help="of the key, as list shows it")
    revoke.set_defaults(run=run_revoke)


def run_create(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.access.keys import create_key

    purpose = Purpose(arguments.purpose) if arguments.purpose else None
    key = in_store(settings, lambda store: create_key(store, arguments.client, purpose, Role(arguments.role)))
    console.say(f"{key.secret}")
    console.complain(f"Key {key.id} of {key.client}. It is not shown again; only its hash is kept.")
    said = {"default_purpose": arguments.purpose, "role": arguments.role}
    return Outcome({"client": key.client, "key": key.secret, "id": key.id, **said})


def run_list(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    del arguments
    from bureau.access.keys import list_keys

    keys = in_store(settings, list_keys)
    for key in keys:
        state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "valid"
        console.say(f"{key.id}  {key.client}  {key.role}  made {key.created_at:%Y-%m-%d %H:%M}  {state}")
    if not keys:
        console.say("There is no key yet; make one with: bureau keys create --client NAME")
    return Outcome({"keys": keys})


def run_revoke(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.access.keys import revoke_key

    if not in_store(settings, lambda store: revoke_key(store, arguments.id)):
        raise InvalidArgument("There is no key of that id; bureau keys list shows them.")
    console.say(f"revoked: {arguments.id}")
    return Outcome({"id": arguments.id, "revoked": True})
