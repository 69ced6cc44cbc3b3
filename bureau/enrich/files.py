"""A customer's file in, the same file with answers out: bounded memory, as many processes as pay, nothing lost.

Every row of the input ends in the result or, with its number and the reason, in ``<output>.refusals.csv``.
"""

import os
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import chain, compress, islice, starmap
from multiprocessing import get_context
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.enrich.results import Answers, open_result, refusals_beside, staged
from bureau.errors import InvalidArgument, OutputFailed
from bureau.intake.canonical import CANONICAL
from bureau.intake.headers import read_mapping
from bureau.intake.tables import Chunk, Refusal, TableFile, open_table
from bureau.model.answer import Status
from bureau.model.query import Kind

Progress = Callable[[str, int, int], None]
Answering = Callable[[pa.Table, bool], Answers]
"""Canonical records (see ``bureau.intake.canonical``) and whether whole answers are wanted → their answers, in order.
It goes to other processes, so it must be picklable: a ``functools.partial`` of a module's function."""

_NO_ROWS = Chunk(CANONICAL.empty_table(), np.zeros(0, np.int64), [], None, [], 0)
_WORTH_ANOTHER_PROCESS = 2  # chunks; below, starting one takes longer than it saves


class FileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``mapping`` is a ``--map`` file. ``kind`` says what every row is, where the file's columns do not.
    ``processes`` None: as many as pay."""

    mapping: Path | None = None
    kind: Kind | None = None
    processes: int | None = None
    progress: Progress = lambda *_: None


class FileReport(msgspec.Struct, frozen=True):
    """``rows`` = answered + refused. ``statuses`` counts answers by status, ``refused`` rows by reason; ``emails`` and
    ``phones`` are answers that carry at least one."""

    output: str
    rows: int
    statuses: dict[str, int]
    emails: int
    phones: int
    refused: dict[str, int]
    seconds: float
    rows_per_second: int


def enrich_file(source: Path, output: Path, answer: Answering, options: FileOptions) -> FileReport:
    """Enrich ``source`` (CSV, Parquet, JSON Lines) into ``output`` (the form its suffix says).

    Raises ``UnreadableInput`` for a file that cannot be used at all, ``InvalidArgument`` for options that cannot,
    ``OutputFailed`` when the result cannot be written; the output then stays as it was.
    """
    started = time.perf_counter()
    if output.exists() and source.exists() and output.samefile(source):
        raise InvalidArgument("The output would overwrite the input; give it another name.")
    if not output.parent.is_dir():
        raise InvalidArgument(f"{output.parent} is not a directory.")
    table = open_table(source, read_mapping(options.mapping) if options.mapping else None)
    counts: Counter[str] = Counter()
    with (
        staged(output) as partial,
        refusals_beside(output) as refuse,
        closing(open_result(partial, output, table)) as result,
    ):
        chunks = _of_kind(table.chunks(result.with_columns), table, options.kind)
        answered = _answered(chunks, answer, result.nested, options.processes)
        for chunk, answers in starmap(_sorted_out, answered):
            result.write(chunk, answers)
            refuse(chunk.refusals)
            _count(counts, chunk, answers)
            options.progress("enriching", chunk.done, table.size)
    return _report(output, counts, time.perf_counter() - started)


def _of_kind(chunks: Iterator[Chunk], table: TableFile, kind: Kind | None) -> Iterator[Chunk]:
    """Say of every row what it is: as the user says, else as its own column does, else by header or tax id.

    A file without rows is one chunk without rows, so that its result still has a header.
    """
    kind = kind or (Kind.COMPANY if table.meaning.company_names else None)
    at = CANONICAL.get_field_index("kind")
    for chunk in chain([next(chunks, _NO_ROWS)], chunks):
        rows = chunk.records.num_rows
        kinds = pa.repeat(kind.value, rows) if kind else _kinds(chunk.records)
        yield chunk._replace(records=chunk.records.set_column(at, CANONICAL.field(at), kinds))


def _kinds(records: pa.Table) -> pa.ChunkedArray:
    """``J``, ``PJ``, ``Pessoa Jurídica``, ``company``, ``empresa`` and 12 digits or more are companies, others people.

    A CPF padded to the width of a CNPJ begins with three zeros; no register root does below a thousand companies.
    """
    said = pc.match_substring_regex(records["kind"], r"(?i)^(p?j$|.*jur[ií]dica|comp|emp)")
    tax_id = pc.replace_substring_regex(records["tax_id"], r"[^0-9A-Za-z]", "")
    counted = pc.and_(pc.greater(pc.utf8_length(tax_id), 11), pc.invert(pc.starts_with(tax_id, "000")))
    company = pc.fill_null(pc.if_else(pc.is_valid(records["kind"]), said, counted), False)
    return pc.if_else(company, Kind.COMPANY.value, Kind.PERSON.value)


def _answered(
    chunks: Iterator[Chunk], answer: Answering, nested: bool, processes: int | None
) -> Iterator[tuple[Chunk, Answers]]:
    """Every chunk with its answers, in order; at most a few chunks are in memory."""
    first = list(islice(chunks, _WORTH_ANOTHER_PROCESS))
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if len(first) == _WORTH_ANOTHER_PROCESS else 1
    if processes <= 1:
        for chunk in chain(first, chunks):
            yield chunk, answer(chunk.records, nested)
        return
    waiting: deque[tuple[Chunk, Future[Answers]]] = deque()
    # Spawned, not forked: this process has threads (Arrow, Numba) that a fork would leave in the middle of things.
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_leave_interrupts_to_parent) as pool:
        try:
            for chunk in chain(first, chunks):
                waiting.append((chunk, pool.submit(answer, chunk.records, nested)))
                if len(waiting) > processes:
                    yield waiting[0][0], waiting.popleft()[1].result()
            for chunk, future in waiting:
                yield chunk, future.result()
        except BrokenProcessPool:
            raise OutputFailed("A worker process died, probably for want of memory; try --processes 1.") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _sorted_out(chunk: Chunk, answers: Answers) -> tuple[Chunk, Answers]:
    """Rows whose record was refused leave the result for the refusals; ``bureau_repairs`` says ``field: reason``."""
    kept = pc.not_equal(answers.columns["bureau_status"], Status.REFUSED.value)
    refused = pc.invert(kept)
    if not pc.any(refused).as_py():
        return chunk, answers
    numbers = chunk.rows[refused.to_numpy()].tolist()
    why = [text.partition(": ") for text in answers.columns.filter(refused)["bureau_repairs"].to_pylist()]
    new = [Refusal(row, column, reason) for row, (column, _, reason) in zip(numbers, why, strict=True)]
    mask = kept.to_pylist()
    rest = chunk._replace(
        text=list(compress(chunk.text, mask)),
        client=None if chunk.client is None else chunk.client.filter(kept),
        refusals=sorted(chunk.refusals + new),
    )
    return rest, Answers(answers.columns.filter(kept), list(compress(answers.nested, mask)))


def _count(counts: Counter[str], chunk: Chunk, answers: Answers) -> None:
    for status in pc.value_counts(answers.columns["bureau_status"]).to_pylist():
        counts[f"status {status['values']}"] += status["counts"]
    for contact in ("email", "phone"):
        first = answers.columns[f"bureau_{contact}_1"]
        counts[contact] += len(first) - first.null_count
    counts.update(f"refused {refusal.reason}" for refusal in chunk.refusals)


def _report(output: Path, counts: Counter[str], seconds: float) -> FileReport:
    def of(prefix: str) -> dict[str, int]:
        return {name.removeprefix(prefix): count for name, count in sorted(counts.items()) if name.startswith(prefix)}

    rows = sum(of("status ").values()) + sum(of("refused ").values())
    return FileReport(
        output=str(output),
        rows=rows,
        statuses=of("status "),
        emails=counts["email"],
        phones=counts["phone"],
        refused=of("refused "),
        seconds=round(seconds, 3),
        rows_per_second=round(rows / max(seconds, 1e-9)),
    )
