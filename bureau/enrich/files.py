"""A customer's file in, the same file with answers out: bounded memory, as many processes as pay, nothing lost.

Every row of the input ends in the result or, with its number and the reason, in ``<output>.refusals.csv``.
"""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bureau.durable import staged
from bureau.enrich.chunk_answers import Answering, Asking, Tally, answer_rows, tally, total
from bureau.enrich.result_forms import form_of_result, result_form
from bureau.enrich.results import ResultForm, refusals_beside
from bureau.errors import InvalidArgument, OutputFailed
from bureau.intake.chunks import Refusal
from bureau.intake.rows import Rows, no_rows
from bureau.intake.tables import Reading, TableFile, opened_table
from bureau.lifetime import end_with
from bureau.model.query import Kind

Progress = Callable[[str, int, int], None]

_WORTH_ANOTHER_PROCESS = 2  # chunks; below, starting one takes longer than it saves


class FileOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``reading`` is what the user says about the file. ``kind`` says what every row is, where its columns do not.
    ``processes`` None: as many as pay."""

    reading: Reading = Reading()
    kind: Kind | None = None
    processes: int | None = None
    progress: Progress = lambda *_: None


class FileReport(msgspec.Struct, frozen=True):
    """``rows`` = answered + refused; the counts are those of ``Tally``."""

    output: str
    rows: int
    statuses: dict[str, int]
    emails: int
    phones: int
    charged: int
    repairs: dict[str, int]
    refused: dict[str, int]
    seconds: float
    rows_per_second: int


class Done(NamedTuple):
    """A chunk of the result, as its form rendered it, and the rows that are not in it."""

    rendered: Any
    refusals: list[Refusal]
    tally: Tally
    position: int


class Work(NamedTuple):
    """What is done to each chunk, in whichever process."""

    asking: Asking
    form: ResultForm

    def done(self, rows: Rows) -> Done:
        answered = answer_rows(self.asking, rows, nested=self.form.nested, with_columns=self.form.with_columns)
        rendered = self.form.rendered(answered.own, answered.answers)
        return Done(rendered, answered.refusals, tally(answered), rows.done)


def enrich_file(source: Path, output: Path, answer: Answering, options: FileOptions) -> FileReport:
    """Enrich ``source`` (any form that ``intake`` reads, compressed or not) into ``output`` (the form its suffix says).

    Raises ``UnreadableInput`` for a file that cannot be used at all, ``InvalidArgument`` for options that cannot,
    ``OutputFailed`` when the result cannot be written; the output then stays as it was.
    """
    started = time.perf_counter()
    check_target(source, output)
    with opened_table(source, options.reading) as table:
        counts = _enriched(table, output, answer, options)
    return report(output, counts, time.perf_counter() - started)


def check_target(source: Path, output: Path) -> None:
    """Raises ``InvalidArgument`` for an output that would destroy its input, is no ordinary file (the result is renamed
    into its place, which would take a device's), has nowhere to be, or is of a form that is not written."""
    form_of_result(output)
    if output.exists() and source.exists() and output.samefile(source):
        raise InvalidArgument("The output would overwrite the input; give it another name.")
    if not output.parent.is_dir():
        raise InvalidArgument(f"{output.parent} is not a directory.")
    if output.exists() and not output.is_file():
        raise InvalidArgument(f"{output} is no ordinary file; name one for the result.")


def _enriched(table: TableFile, output: Path, answer: Answering, options: FileOptions) -> Tally:
    form = result_form(output, table.what)
    work = Work(Asking(table.what, answer, options.kind), form)
    counts = Tally()
    with (
        staged(output) as partial,
        refusals_beside(output) as refuse,
        closing(form.open(partial)) as result,
    ):
        rows = table.rows()
        first = next(rows, no_rows(table.what))
        for done in _worked(chain([first], rows), work, options.processes):
            result.write(done.rendered)
            refuse(done.refusals)
            counts = total((counts, done.tally))
            options.progress("enriching", done.position, table.size)
    return counts


def report(output: Path, counts: Tally, seconds: float) -> FileReport:
    """What to tell about a file that is done."""
    return FileReport(
        output=str(output),
        rows=counts.rows,
        **msgspec.structs.asdict(counts),
        seconds=round(seconds, 3),
        rows_per_second=round(counts.rows / max(seconds, 1e-9)),
    )


def _worked(rows: Iterator[Rows], work: Work, processes: int | None) -> Iterator[Done]:
    """Every chunk, in order; at most a few are in memory."""
    first = list(islice(rows, _WORTH_ANOTHER_PROCESS))
    if processes is None:
        processes = len(os.sched_getaffinity(0)) if len(first) == _WORTH_ANOTHER_PROCESS else 1
    if processes <= 1:
        yield from map(work.done, chain(first, rows))
        return
    waiting: deque[Future[Done]] = deque()
    # Spawned, not forked: this process has threads (Arrow, Numba) that a fork would leave in the middle of things.
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_for_parent, initargs=(os.getpid(),)) as pool:
        try:
            for chunk in chain(first, rows):
                waiting.append(pool.submit(work.done, chunk))
                if len(waiting) > processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise OutputFailed("A worker process died, probably for want of memory; try --processes 1.") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _for_parent(parent: int) -> None:
    """Leave interrupts to it, and do not outlive it: killed, it can close nothing."""
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
