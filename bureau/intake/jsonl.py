"""JSON Lines: one object a line, flat or shaped as the HTTP interface's record (an ``address`` inside it)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pyarrow as pa

_OPENED = frozenset(("address", "endereco", "record"))
"""Members whose own members count as the row's; any other object stays as the text it is."""

_DECODER = msgspec.json.Decoder(dict[str, Any])


def opened_object(line: str) -> dict[str, Any] | None:
    """The members of the object a line holds, those of ``address`` as ``address.street``; None if it holds none."""
    try:
        return _opened(_DECODER.decode(line))
    except msgspec.DecodeError:
        return None


def header_of(lines: Iterable[str]) -> tuple[str, ...]:
    """Every member name of some lines, in order of first appearance."""
    names: dict[str, None] = {}
    for line in lines:
        names.update(dict.fromkeys(opened_object(line) or ()))
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
