"""One chunk of a job answered: each distinct record once, and a row that cannot be answered apart from the others."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.enrich.chunk_answers import Answering, Asking, Tally, total
from bureau.enrich.columns import FLAT
from bureau.enrich.parts import Part, answer_part
from bureau.enrich.results import Answers
from bureau.errors import BureauError
from bureau.ids import ClientId
from bureau.intake.chunks import Refusal
from bureau.intake.rows import Rows
from bureau.intake.staging import Staged
from bureau.jobs.record_keys import RecordKeys, as_typed, first_of_each
from bureau.lifetime import end_with
from bureau.model.answer import Status
from bureau.model.query import Kind

UNANSWERABLE = "could_not_be_processed"
"""Why a row is refused that makes the program fail: our fault, never charged."""

log = logging.getLogger(__name__)


class ChunkWork(msgspec.Struct, frozen=True):
    """What to answer, and how; picklable, so that another process can do it. ``secret`` keys the records' hashes."""

    staged: Staged
    chunk: int
    answer: Answering
    kind: Kind | None
    nested: bool
    secret: bytes
    client: ClientId


class OnceEach:
    """An answering that asks about each record once that is there exactly so, and remembers the rows' keys."""

    def __init__(self, answer: Answering, keys: RecordKeys) -> None:
        self._answer = answer
        self._keys = keys
        self.keys = pa.array([], pa.binary(16))

    def __call__(self, records: pa.Table, nested: bool) -> Answers:
        keys = self._keys.of(records)
        first, which = first_of_each(as_typed(records))
        if len(first) == len(keys):
            answers = self._answer(records, nested)
        else:
            once = self._answer(records.take(first), nested)
            answers = Answers(once.columns.take(which), [once.nested[at] for at in which.to_pylist()] if nested else [])
        answered = pc.not_equal(answers.columns["bureau_status"], Status.REFUSED.value)
        self.keys = keys.filter(answered.combine_chunks() if isinstance(answered, pa.ChunkedArray) else answered)
        return answers


def answer_chunk(work: ChunkWork) -> tuple[Part, Tally]:
    """The part of a chunk; rows that make the program fail are refused, one by one."""
    rows = work.staged.rows(work.chunk)
    return _isolated(lambda some: _answered(work, some), rows)


def answer_chunk_carefully(work: ChunkWork) -> tuple[Part, Tally]:
    """As :func:`answer_chunk` in a process of its own, for a chunk that has killed its workers: which row does it?"""
    rows = work.staged.rows(work.chunk)
    return _isolated(lambda some: _answered_elsewhere(work, some), rows)


def _isolated(answer: Callable[[Rows], tuple[Part, Tally]], rows: Rows) -> tuple[Part, Tally]:
    """All of the rows, or, if that fails, either half of them by itself."""
    try:
        return answer(rows)
    except (BureauError, OSError):
        raise  # of the files or the population, not of a row
    except Exception:
        if len(rows.numbers) == 1:
            log.exception("a row could not be answered; it is refused")
            return _refused(rows)
    half = len(rows.numbers) // 2
    return _joined([_isolated(answer, _slice(rows, 0, half)), _isolated(answer, _slice(rows, half, None))])


def _answered(work: ChunkWork, rows: Rows) -> tuple[Part, Tally]:
    once = OnceEach(work.answer, RecordKeys(work.secret, work.client))
    part, tally = answer_part(Asking(work.staged.what, once, work.kind), rows, nested=work.nested)
    return part._replace(keys=once.keys), tally


def _answered_elsewhere(work: ChunkWork, rows: Rows) -> tuple[Part, Tally]:
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with, initargs=(os.getpid(),)) as pool:
        try:
            return pool.submit(_answered, work, rows).result()
        except BrokenProcessPool:
            raise RuntimeError("the process died") from None


def _slice(rows: Rows, start: int, end: int | None) -> Rows:
    some = slice(start, end)
    return rows._replace(numbers=rows.numbers[some], refused=rows.refused[some], content=rows.content[some])


def _refused(rows: Rows) -> tuple[Part, Tally]:
    nobody = Answers(FLAT.empty_table(), [])
    refusals = [Refusal(row, "", UNANSWERABLE) for row in rows.numbers.to_pylist()]
    part = Part(np.zeros(0, np.int64), nobody, refusals, pa.array([], pa.binary(16)))
    return part, Tally(refused={UNANSWERABLE: len(refusals)})


def _joined(halves: list[tuple[Part, Tally]]) -> tuple[Part, Tally]:
    parts = [part for part, _ in halves]
    answers = Answers(
        pa.concat_tables([part.answers.columns for part in parts]),
        [nested for part in parts for nested in part.answers.nested],
    )
    keys = pa.concat_arrays([part.keys for part in parts])
    refusals = [refusal for part in parts for refusal in part.refusals]
    whole = Part(np.concatenate([part.rows for part in parts]), answers, refusals, keys)
    return whole, total([tally for _, tally in halves])
