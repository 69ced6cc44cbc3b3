"""Fixed-width files: a layout says which lines are rows and where each column stands.

Shipped layouts (``layouts/*.toml``) are recognised by their first line; others are given by the user in the same
form, TOML or JSON::

    name = "core system, daily"
    length = 120                      # characters a line, shorter ones are filled with blanks
    rows = { 8 = "3", 14 = "Q" }      # only lines with these texts there; without it every line is a row
    first = { 8 = "0" }               # how a file of this layout begins; without it the layout must be asked for
    [columns]
    nome = [34, 73]                   # first and last character, from 1; names are recognised as those of a header
"""

import json
import tomllib
from importlib import resources
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.canonical import Column


class Layout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See the module."""

    name: str
    length: int
    columns: dict[str, tuple[int, int]]
    rows: dict[int, str] = {}
    first: dict[int, str] = {}

    def is_row(self, line: str) -> bool:
        return _has(line, self.rows)


def shipped_layouts() -> dict[str, Layout]:
    """By file name without suffix."""
    folder = resources.files("bureau.intake") / "layouts"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return {file.name.removesuffix(".toml"): _layout(file.read_text("utf-8"), file.name) for file in files}


def read_layout(given: str) -> Layout:
    """A shipped layout by name, or a layout file.

    Raises ``InvalidArgument`` when there is neither, ``UnreadableInput`` when the file is no layout.
    """
    shipped = shipped_layouts()
    if given in shipped:
        return shipped[given]
    try:
        return _layout(Path(given).read_text(encoding="utf-8-sig"), Path(given).name)
    except OSError:
        known = ", ".join(shipped)
        raise InvalidArgument(f'There is no layout file "{given}", nor is it one of {known}.') from None


def recognised_layout(lines: list[str]) -> Layout | None:
    """The shipped layout that the first lines of a file fit."""
    if not lines:
        return None
    for layout in shipped_layouts().values():
        fits = all(len(line.rstrip()) <= layout.length for line in lines)
        if fits and layout.first and len(lines[0]) == layout.length and _has(lines[0], layout.first):
            return layout
    return None


def cut(texts: pa.Array, layout: Layout) -> list[Column]:
    """The columns of lines, without the blanks that fill them up."""
    slices = [pc.utf8_slice_codeunits(texts, first - 1, last) for first, last in layout.columns.values()]
    return [pc.utf8_trim_whitespace(cells) for cells in slices]


def _has(line: str, wanted: dict[int, str]) -> bool:
    return all(line[at - 1 : at - 1 + len(text)] == text for at, text in wanted.items())


def _layout(text: str, name: str) -> Layout:
    try:
        loaded = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        layout = msgspec.convert(loaded, Layout, strict=False)
    except ValueError as error:
        raise UnreadableInput(f"The layout {name} is not usable: {error}.") from None
    for column, (first, last) in layout.columns.items():
        if not 1 <= first <= last <= layout.length:
            raise UnreadableInput(f"The layout {name} puts {column} outside of its {layout.length} characters.")
    if not layout.columns:
        raise UnreadableInput(f"The layout {name} has no columns.")
    return layout
