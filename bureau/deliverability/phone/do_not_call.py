"""Do-not-call lists: who asked not to be rung, by which list, since when, and what the list forbids.

One flag would not do: "Não Me Ligue" of São Paulo (Lei 13.226/2008, 17.334/2021) covers collection calls and messages
from the thirtieth day on, "Não Me Perturbe" covers telecom and payroll-loan offers only.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec

from bureau.errors import UnreadableInput
from bureau.normalise.phones import Phone, parse_phone


class Entry(msgspec.Struct, frozen=True):
    """``scope`` are the purposes the entry forbids (``collection``, ``sales`` …; ``*`` is every one), ``since`` the
    first day on which it does: a list's own grace period is already in it."""

    list_name: str
    scope: frozenset[str]
    since: date

    def forbids(self, purpose: str, on: date) -> bool:
        return on >= self.since and ("*" in self.scope or purpose in self.scope)


class DoNotCall(Protocol):
    """Where entries come from; a file here, a live service elsewhere."""

    def entries(self, number: int) -> Sequence[Entry]:
        """Every entry for a national number."""


class ListedNumbers:
    """Entries held in memory."""

    def __init__(self, entries: Iterable[tuple[int, Entry]] = ()) -> None:
        self._entries: dict[int, tuple[Entry, ...]] = {}
        for number, entry in entries:
            self._entries[number] = (*self._entries.get(number, ()), entry)

    def entries(self, number: int) -> Sequence[Entry]:
        return self._entries.get(number, ())


def read_list(path: Path) -> ListedNumbers:
    """Read a CSV with the columns ``number,list,scope,since``; several scopes are separated by ``|``.

    A line that cannot be read fails the whole file: a do-not-call entry must never be dropped silently.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            shared: dict[tuple[str, str, str], Entry] = {}
            return ListedNumbers(_entry(row, number, shared) for number, row in enumerate(reader, start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"The do-not-call list {path.name} cannot be read.") from error


def _entry(row: dict[str, str], line: int, shared: dict[tuple[str, str, str], Entry]) -> tuple[int, Entry]:
    phone = parse_phone(row.get("number"))
    key = (row.get("list") or "", row.get("scope") or "", row.get("since") or "")
    try:
        entry = shared.setdefault(key, Entry(key[0], frozenset(key[1].split("|")), date.fromisoformat(key[2])))
    except ValueError:
        entry = None
    if entry is None or not isinstance(phone, Phone) or not all(key):
        raise UnreadableInput(f"Line {line} of the do-not-call list needs a phone, a list, a scope and an ISO date.")
    return phone.number, entry
