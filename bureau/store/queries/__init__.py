"""Every SQL statement that runs in service, by name: ``usage.record`` is ``-- name: record`` in ``usage.sql``.

Imports nothing of Bureau. Deliberately absent: statements put together from pieces at run time.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def named_queries() -> Mapping[str, str]:
    """All statements of this package, ``file.name`` → SQL."""
    found: dict[str, str] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".sql"):
            found |= _statements(file.name.removesuffix(".sql"), file.read_text(encoding="utf-8"))
    return MappingProxyType(found)


def _statements(prefix: str, text: str) -> dict[str, str]:
    _, *parts = _NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{prefix}.sql names a statement twice")
    return {f"{prefix}.{name}": body.strip() for name, body in zip(names, bodies, strict=True)}
