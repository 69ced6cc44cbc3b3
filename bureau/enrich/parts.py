"""Answers of a converted upload, one part a chunk, and the parts joined into a result of any form.

A part appears whole or not at all, and answering a chunk again writes the same part again: who is killed between
writing a part and saying so loses nothing. It holds the answers only; the client's rows are in the upload.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.durable import staged
from bureau.enrich.chunk_answers import Asking, Tally, answer_rows, tally
from bureau.enrich.columns import FLAT
from bureau.enrich.result_forms import result_form
from bureau.enrich.results import NESTED, Answers, ResultForm, refusals_beside
from bureau.errors import OutputFailed
from bureau.intake.chunks import Refusal, own_of
from bureau.intake.rows import Rows, no_rows
from bureau.intake.staging import Staged
from bureau.storage.folder import Folder

_THREADS = 2
_ROW, _KEY, _REFUSALS = "row", "key", b"refusals"


class Part(NamedTuple):
    """The answers of a chunk, those of rows ``rows`` in order, and its refusals; ``keys`` say which rows hold the same
    record, if their maker knows."""

    rows: NDArray[np.int64]
    answers: Answers
    refusals: list[Refusal]
    keys: pa.Array | None = None


def answer_part(asking: Asking, rows: Rows, *, nested: bool) -> tuple[Part, Tally]:
    """The answers of some rows, ``nested`` for whole ones too; not kept anywhere yet."""
    answered = answer_rows(asking, rows, nested=nested, with_columns=False)
    return Part(answered.own.rows, answered.answers, answered.refusals), tally(answered)


def read_part(folder: Folder, name: str) -> Part:
    """Raises ``OutputFailed`` when the part is not there or damaged."""
    try:
        with folder.opened(name) as source:
            table = pa.ipc.open_file(source).read_all()
    except (OSError, pa.ArrowException):
        raise OutputFailed(f"The answers in {name} cannot be read; they have to be made again.") from None
    nested = table[NESTED].to_pylist() if NESTED in table.column_names else []
    keys = table[_KEY].combine_chunks() if _KEY in table.column_names else None
    columns = table.drop_columns([name for name in (_ROW, NESTED, _KEY) if name in table.column_names])
    refusals = msgspec.json.decode(table.schema.metadata[_REFUSALS], type=list[Refusal])
    return Part(table[_ROW].to_numpy(), Answers(columns.replace_schema_metadata(), nested), refusals, keys)


def join_parts(
    staged_upload: Staged,
    part_of: Callable[[int], Part],
    output: Path,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Write ``output`` (the form its suffix says) and its refusals from all parts; every row is in exactly one.

    ``part_of`` gives the part of a chunk; it is asked in order.
    Raises ``OutputFailed`` when a part is missing or does not fit its chunk, or the result cannot be written.
    """
    form = result_form(output, staged_upload.what)
    with staged(output) as partial, refusals_beside(output) as refuse, closing(form.open(partial)) as result:
        if not staged_upload.chunks:
            nobody = own_of(staged_upload.what, no_rows(staged_upload.what), form.with_columns)
            result.write(form.rendered(nobody, Answers(FLAT.empty_table(), [])))
        parts = map(part_of, range(len(staged_upload.chunks)))
        for chunk, (part, rendered) in enumerate(_rendered(staged_upload, parts, form)):
            result.write(rendered)
            refuse(part.refusals)
            progress(chunk + 1, len(staged_upload.chunks))


def _rendered(staged_upload: Staged, parts: Iterator[Part], form: ResultForm) -> Iterator[tuple[Part, Any]]:
    """In order, two at a time: a job's end has no other work for the second core, and Arrow lets threads work."""

    def rendered(chunk: int, part: Part) -> tuple[Part, Any]:
        own = own_of(staged_upload.what, staged_upload.rows(chunk), form.with_columns)
        own = own.filter(pa.array(np.isin(own.rows, part.rows)))
        whole = len(part.rows) + len(part.refusals) == staged_upload.chunks[chunk].rows
        if not whole or not np.array_equal(own.rows, part.rows):
            raise OutputFailed(f"The answers of chunk {chunk} are not those of its rows.")
        return part, form.rendered(own, part.answers)

    waiting: deque[Future[tuple[Part, Any]]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for chunk, part in enumerate(parts):
            waiting.append(pool.submit(rendered, chunk, part))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def write_part(part: Part, path: Path) -> None:
    """Durable when this returns; ``OutputFailed`` when it cannot be written. One path has one writer at a time."""
    table = part.answers.columns.add_column(0, _ROW, pa.array(part.rows))
    if part.answers.nested:
        table = table.append_column(NESTED, pa.array(part.answers.nested, pa.binary()))
    if part.keys is not None:
        table = table.append_column(_KEY, part.keys)
    table = table.replace_schema_metadata({_REFUSALS: msgspec.json.encode(part.refusals)})
    with staged(path, "A part of the result") as partial:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(partial), "wb") as file, pa.ipc.new_file(file, table.schema, options=options) as writer:
            writer.write_table(table)
