"""What the client says about a file, as the intake wants it, and what the file is taken for with that."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bureau.errors import InvalidArgument
from bureau.intake.headers import Mapped, read_mapping
from bureau.intake.layouts import Layout, shipped_layouts
from bureau.intake.preview import Preview, preview_of
from bureau.intake.tables import Reading, TableFile, opened_table
from bureau.jobs.files import UPLOAD, JobFiles
from bureau.jobs.job import JobRequest


def preview_job(files: JobFiles, job: str, request: JobRequest) -> Preview | None:
    """What the upload of a job would be taken for; None once it was converted. Blocks while it is unpacked.

    Raises ``UnreadableInput`` or ``InvalidArgument``, as the job would fail.
    """
    try:
        with upload_table(files, job, request) as table:
            return preview_of(table)
    except FileNotFoundError:
        return None


@contextmanager
def upload_table(files: JobFiles, job: str, request: JobRequest) -> Iterator[TableFile]:
    """The upload of a job as its client says it is to be read.

    Raises ``FileNotFoundError`` once it was converted, ``UnreadableInput`` and ``InvalidArgument``.
    """
    with files.of(job).fetched(UPLOAD) as upload:
        scratch = upload.parent
        with opened_table(upload, reading_of(request, scratch), scratch) as table:
            yield table


def reading_of(request: JobRequest, scratch: Path) -> Reading:
    """Raises ``InvalidArgument`` for a mapping or a layout that cannot be; ``scratch`` is a directory."""
    return Reading(mapping=_mapping(request, scratch), layout=_layout(request.layout), sheet=request.sheet)


def _mapping(request: JobRequest, scratch: Path) -> Mapped | None:
    if request.mapping is None:
        return None
    with tempfile.NamedTemporaryFile(suffix=".json", dir=scratch) as file:
        file.write(msgspec.json.encode(request.mapping))
        file.flush()
        return read_mapping(Path(file.name))


def _layout(given: str | Layout | None) -> Layout | None:
    """A name is one of ours and never a path: what a client says must not open files of the server."""
    if not isinstance(given, str):
        return given
    shipped = shipped_layouts()
    if given not in shipped:
        raise InvalidArgument(f"There is no layout of that name; there are {', '.join(shipped)}.")
    return shipped[given]
