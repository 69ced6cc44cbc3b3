"""What the client says about a file, as the intake wants it."""

from pathlib import Path

import msgspec

from bureau.errors import InvalidArgument
from bureau.intake.headers import read_mapping
from bureau.intake.layouts import Layout, shipped_layouts
from bureau.intake.tables import Reading
from bureau.jobs.job import JobRequest


def reading_of(request: JobRequest, scratch: Path) -> Reading:
    """Raises ``InvalidArgument`` for a mapping or a layout that cannot be; ``scratch`` is where the mapping is kept."""
    mapping = None
    if request.mapping is not None:
        scratch.write_bytes(msgspec.json.encode(request.mapping))
        mapping = read_mapping(scratch)
    return Reading(mapping=mapping, layout=_layout(request.layout), sheet=request.sheet)


def _layout(given: str | Layout | None) -> Layout | None:
    """A name is one of ours and never a path: what a client says must not open files of the server."""
    if not isinstance(given, str):
        return given
    shipped = shipped_layouts()
    if given not in shipped:
        raise InvalidArgument(f"There is no layout of that name; there are {', '.join(shipped)}.")
    return shipped[given]
