"""One JSON object a line, for whatever collects logs. Bodies are never logged; what slips into a text is masked.

Masking is the second fence, not the first: it knows e-mail addresses and long numbers (CPF, CNPJ, phones, IP
addresses), but nobody can tell a person's name from another word.
"""

import datetime as dt
import logging
import re
import traceback
from typing import Any, TextIO

import msgspec

from bureau.errors import BureauError

MASK = "[masked]"

_EMAIL = re.compile(r"[^\s@<>\"'(),;:\[\]=]+@[^\s@<>\"'(),;:\[\]=]+")
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[ .()/-]{0,2}\d){7,}(?!\w)")
_OWN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_logging(level: str, stream: TextIO) -> None:
    """Send every logger, and Python's warnings, to ``stream`` as JSON lines; replaces what was configured before."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(True)


def masked(text: str) -> str:
    """``text`` without e-mail addresses and without numbers of eight digits or more, however they are written."""
    return _NUMBER.sub(MASK, _EMAIL.sub(MASK, text))


class JsonLines(logging.Formatter):
    """``time`` (UTC), ``level``, ``logger``, ``message``, the ``extra`` of the call, and of an exception its type and
    frames: its message may quote a record, so only ours, which never do, are kept."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        line |= {name: _value(value) for name, value in vars(record).items() if name not in _OWN_FIELDS}
        if record.exc_info and (problem := record.exc_info[1]):
            line |= _described(problem)
        return msgspec.json.encode(line).decode()


def _value(value: object) -> object:
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10_000_000 else MASK
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return masked(str(value))


def _described(problem: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(problem.__traceback__)
    described: dict[str, Any] = {
        "error": type(problem).__name__,
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(problem, BureauError):
        described["reason"] = masked(str(problem))
    return described
