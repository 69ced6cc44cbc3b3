"""JSON Lines: one object a line, flat or shaped as the HTTP interface's record (an ``address`` inside it)."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from bureau.errors import UnreadableInput

_OPENED = frozenset(("address", "endereco", "record"))
"""Members whose own members count as the row's; any other object stays as the text it is."""


class Objects(NamedTuple):
    """Some lines: the objects, their line numbers (from 1) and text, the lines that held no object, bytes read."""

    values: list[dict[str, Any]]
    lines: list[int]
    text: list[str]
    broken: list[int]
    done: int


def read_objects(path: Path, rows: int) -> Iterator[Objects]:
    """All objects of a file, at most ``rows`` at a time; blank lines are passed over."""
    decoder = msgspec.json.Decoder(dict[str, Any])
    objects, done = Objects([], [], [], [], 0), 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            done += len(line)
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if not text:
                continue
            try:
                objects.values.append(_opened(decoder.decode(text)))
                objects.lines.append(number)
                objects.text.append(text.decode())
            except (msgspec.DecodeError, UnicodeDecodeError):
                objects.broken.append(number)
            if len(objects.values) + len(objects.broken) >= rows:
                yield objects._replace(done=done)
                objects = Objects([], [], [], [], 0)
    if objects.values or objects.broken:
        yield objects._replace(done=done)


def header_of(path: Path) -> tuple[str, ...]:
    """Every member name of the file, in order of first appearance; members of ``address`` as ``address.street``."""
    names: dict[str, None] = {}
    for objects in read_objects(path, 4096):
        for value in objects.values:
            names.update(dict.fromkeys(value))
    if not names:
        raise UnreadableInput(f"{path.name} holds no JSON object.")
    return tuple(names)


def columns_of(values: Sequence[dict[str, Any]], header: Sequence[str]) -> list[pa.Array]:
    """The members as text columns; a list becomes one cell with ``|`` between its values."""
    return [pa.array([_text(value.get(name)) for value in values], pa.string()) for name in header]


def _opened(value: dict[str, Any]) -> dict[str, Any]:
    if not _OPENED & value.keys():
        return value
    flat: dict[str, Any] = {}
    for name, member in value.items():
        if name in _OPENED and isinstance(member, dict):
            flat.update((f"{name}.{inner}", inside) for inner, inside in _opened(member).items())
        else:
            flat[name] = member
    return flat


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list):
        return "|".join(filter(None, (_text(item) for item in value)))
    return msgspec.json.encode(value).decode()
