"""An upload converted once, so that any worker can read any chunk of it again, by number, after any crash.

The rows are copied, as delivered, into one Arrow file with a batch for each chunk: every form, encoding and
compression is dealt with once, a chunk is found without reading those before it, and the upload itself is no longer
needed. Byte offsets into the upload would save the copy, but only for some forms (not workbooks, UTF-16, quoted line
ends cut in two, nor anything compressed).
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa

from bureau.durable import staged
from bureau.errors import UnreadableInput
from bureau.intake.description import Description
from bureau.intake.rows import Rows
from bureau.intake.tables import TableFile
from bureau.storage.folder import Folder
from bureau.storage.local import LocalFolder

ROWS_FILE, DESCRIPTION_FILE = "rows.arrow", "table.json"
_OURS = (pa.field("row", pa.int64()), pa.field("refused", pa.string()))


class ChunkNote(msgspec.Struct, frozen=True):
    """A chunk's rows and the numbers of the first and last of them."""

    rows: int
    first: int
    last: int


class _Contents(msgspec.Struct, frozen=True):
    what: Description
    chunks: tuple[ChunkNote, ...]


class Staged(NamedTuple):
    """A converted upload. Chunks are numbered from 0."""

    folder: Folder
    what: Description
    chunks: tuple[ChunkNote, ...]

    def rows(self, chunk: int) -> Rows:
        """Raises ``UnreadableInput`` when the file was damaged since."""
        try:
            with self.folder.opened(ROWS_FILE) as source:
                batch = pa.ipc.open_file(source).get_batch(chunk)
        except (OSError, pa.ArrowException):
            raise UnreadableInput(f"Chunk {chunk} of the converted upload cannot be read.") from None
        own = range(len(_OURS), batch.num_columns)
        schema = pa.schema([batch.schema.field(at) for at in own])
        content = pa.record_batch([batch.column(at) for at in own], schema=schema)
        return Rows(batch.column(0), batch.column(1), content, chunk + 1)


def stage(table: TableFile, directory: Path, progress: Callable[[int, int], None] = lambda *_: None) -> Staged:
    """Convert a table into ``directory``, which must exist; ``progress`` is told what of its size is done.

    Complete, or as if it had never been begun: the description is written last. Raises ``UnreadableInput`` when the
    table turns out damaged, ``OutputFailed`` when the directory cannot be written.
    """
    with staged(directory / ROWS_FILE, "The converted upload") as partial:
        chunks = _written(table, partial, progress)
    with staged(directory / DESCRIPTION_FILE, "The converted upload") as partial:
        partial.write_bytes(msgspec.json.encode(_Contents(table.what, chunks)))
    return Staged(LocalFolder(directory), table.what, chunks)


def open_staged(folder: Folder) -> Staged | None:
    """A converted upload; None when no conversion was completed there."""
    try:
        with folder.opened(DESCRIPTION_FILE) as source:
            contents = msgspec.json.decode(source.read(), type=_Contents)
    except FileNotFoundError:
        return None
    return Staged(folder, contents.what, contents.chunks)


def _written(table: TableFile, path: Path, progress: Callable[[int, int], None]) -> tuple[ChunkNote, ...]:
    notes = list[ChunkNote]()
    with path.open("wb") as file, ExitStack() as stack:
        writer = None
        for rows in table.rows():
            batch = _batch(rows)
            if writer is None:
                options = pa.ipc.IpcWriteOptions(compression="lz4")
                writer = stack.enter_context(pa.ipc.new_file(file, batch.schema, options=options))
            writer.write_batch(batch)
            notes.append(ChunkNote(batch.num_rows, rows.numbers[0].as_py(), rows.numbers[-1].as_py()))
            progress(rows.done, table.size)
    return tuple(notes)


def _batch(rows: Rows) -> pa.RecordBatch:
    fields = [*_OURS, *rows.content.schema]
    return pa.record_batch([rows.numbers, rows.refused, *rows.content.columns], schema=pa.schema(fields))
