"""A job's parts put together: the result in the form that was asked for, its refusals, and the report."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.enrich.columns import FLAT
from bureau.enrich.parts import Part, join_parts, read_part
from bureau.enrich.results import Answers
from bureau.errors import OutputFailed
from bureau.intake.chunks import Refusal
from bureau.intake.staging import Staged, open_staged
from bureau.jobs.charges import ShownCharges, halves, keys_of
from bureau.jobs.files import PARTS, JobFiles, part_name, results_name
from bureau.jobs.job import Format, JobRequest, Task
from bureau.jobs.report import Report, report_of
from bureau.jobs.tally import Charged, JobTally, added_up
from bureau.store import Row

NOT_PROCESSED = "job_was_stopped"
"""Why the rows of chunks that were never begun are refused, in the result of a cancelled or failed job."""


Positions = NDArray[np.uint16]
"""Of rows in a chunk, which has at most ``CHUNK_ROWS``. Of a large file there may be very many: two bytes each."""


class DonePart(NamedTuple):
    """A chunk that counts: whose claim made it, and what the ledger said of its matches."""

    claim: str
    tally: JobTally
    requeried: Positions
    repeated: Positions


def done_parts(rows: Sequence[Row]) -> dict[int, DonePart]:
    """By chunk, as ``jobs.parts`` lists them."""
    return {
        row["chunk"]: DonePart(
            row["claim"],
            msgspec.json.decode(row["tally"], type=JobTally),
            np.array(row["requeried"] or (), np.uint16),
            np.array(row["repeated"] or (), np.uint16),
        )
        for row in rows
    }


def own_format(request: JobRequest, staged: Staged) -> Format:
    """The form that was asked for, else the upload's own; CSV where that is one we do not write."""
    if request.format:
        return request.format
    return next((form for form in Format if form.value == staged.what.form.value), Format.CSV)


def shows_whole_answers(form: Format) -> bool:
    return form in (Format.JSONL, Format.PARQUET)


class Finishing(NamedTuple):
    """All that is needed to put a job together, in any process; ``whole`` from the parts of ``whole_answers``."""

    files: JobFiles
    task: Task
    parts: dict[int, DonePart]
    whole: bool = False

    def finished(self, now: dt.datetime) -> Report:
        """Write the result, durably, unless this is a dry run; then report."""
        staged = self._staged()
        if not self.task.request.dry_run:
            self.write(own_format(self.task.request, staged))
        return report_of(self.task, self._tally(staged), now)

    def write(self, form: Format) -> None:
        """The result in one form. Raises ``OutputFailed``."""
        name = results_name(form)
        with self.files.of(self.task.job).written(last=name) as directory:
            join_parts(self._staged(), self._part_of(), directory / name)

    def _staged(self) -> Staged:
        staged = open_staged(self.files.of(self.task.job))
        if staged is None:
            raise OutputFailed("The converted upload is gone.")
        return staged

    def _part_of(self) -> Callable[[int], Part]:
        staged, shown = self._staged(), ShownCharges(self._repeated())

        def part_of(chunk: int) -> Part:
            done = self.parts.get(chunk)
            if done is None:
                refusals = [Refusal(row, "", NOT_PROCESSED) for row in staged.rows(chunk).numbers.to_pylist()]
                return Part(np.zeros(0, np.int64), Answers(FLAT.empty_table(), []), refusals)
            return shown.shown(self._read(chunk, done), done.requeried)

        return part_of

    def _read(self, chunk: int, done: DonePart) -> Part:
        return read_part(self.files.of(self.task.job), f"{PARTS}/{part_name(chunk, done.claim, self.whole)}")

    def _repeated(self) -> NDArray[np.uint64]:
        """The records that are in the file more than once, by half of their keys."""
        found = [np.zeros(0, np.uint64)]
        for chunk, done in self.parts.items():
            if len(done.repeated):
                found.append(halves(keys_of(self._read(chunk, done)).take(pa.array(done.repeated))))
        return np.unique(np.concatenate(found))

    def _tally(self, staged: Staged) -> JobTally:
        tally = added_up([done.tally for done in self.parts.values()])
        left_out = sum(note.rows for chunk, note in enumerate(staged.chunks) if chunk not in self.parts)
        if left_out:
            refused = {**tally.rows.refused, NOT_PROCESSED: left_out}
            tally = msgspec.structs.replace(tally, rows=msgspec.structs.replace(tally.rows, refused=refused))
        if self.task.request.dry_run:
            tally = msgspec.structs.replace(tally, charge=self._price(tally.charge))
        return tally

    def _price(self, counted: Charged) -> Charged:
        """Chunks of a dry run know only their own repetitions; here all are."""
        priced = [self._priced(chunk, done) for chunk, done in self.parts.items()]
        together = np.concatenate([np.zeros(0, np.uint64), *priced])
        del priced
        together.sort()
        units = int(np.count_nonzero(together[1:] != together[:-1])) + (len(together) > 0)
        return Charged(units, counted.repeated + len(together) - units, counted.requeried)

    def _priced(self, chunk: int, done: DonePart) -> NDArray[np.uint64]:
        """Of each match that would be charged, half of its key."""
        part = self._read(chunk, done)
        costs = part.answers.columns["bureau_charge"].to_numpy() > 0
        costs[done.requeried] = costs[done.repeated] = False
        return halves(keys_of(part).filter(pa.array(costs)))
