"""Live sources: who can say whether a line is in service. A file here, so that everything works offline.

An operator's HLR query or a campaign's outcomes come in through the same interface. Nobody is ever rung to find out.
"""

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

from bureau.deliverability.phone.reasons import LIVE_REASONS, Reason
from bureau.deliverability.phone.verdict import LiveAnswer
from bureau.errors import UnreadableInput
from bureau.normalise.phones import Phone, parse_phone


class LiveSource(Protocol):
    def answer(self, number: int) -> LiveAnswer | None:
        """What is known of a national number, without waiting."""


class RecordedAnswers:
    """Answers held in memory, the latest for each number."""

    def __init__(self, answers: Mapping[int, LiveAnswer]) -> None:
        self._answers = answers

    def answer(self, number: int) -> LiveAnswer | None:
        return self._answers.get(number)


def read_answers(path: Path) -> RecordedAnswers:
    """Read a CSV with the columns ``number,reason,as_of,carrier``; a line that cannot be read fails the file."""
    found: dict[int, LiveAnswer] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                number, answer = _answer(row, line)
                if number not in found or answer.as_of > found[number].as_of:
                    found[number] = answer
    except (OSError, UnicodeDecodeError) as problem:
        raise UnreadableInput(f"The list of live answers {path.name} cannot be read.") from problem
    return RecordedAnswers(found)


def _answer(row: Mapping[str, str | None], line: int) -> tuple[int, LiveAnswer]:
    phone = parse_phone(row.get("number"))
    try:
        reason = Reason(row.get("reason") or "")
        as_of = date.fromisoformat(row.get("as_of") or "")
    except ValueError:
        reason = None
    if reason not in LIVE_REASONS or not isinstance(phone, Phone):
        words = ", ".join(sorted(LIVE_REASONS))
        raise UnreadableInput(f"Line {line} of the live answers needs a phone, an ISO date, and one of: {words}.")
    return phone.number, LiveAnswer(reason, as_of, row.get("carrier") or None)
