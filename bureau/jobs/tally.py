"""What became of a chunk's rows, counted; tallies of chunks add up to the job's."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from bureau.enrich.chunk_answers import Tally, total
from bureau.enrich.columns import SHOWN
from bureau.model.answer import VerdictStatus

_GOOD = pa.array([VerdictStatus.DELIVERABLE.value, VerdictStatus.VALID.value])
_BAD = pa.array([VerdictStatus.UNDELIVERABLE.value, VerdictStatus.INVALID.value])


class Contacts(msgspec.Struct, frozen=True):
    """Contacts of one kind, at most three a row: ``new`` ones were not the client's; of the client's own, ``confirmed``
    are good, ``refuted`` bad and ``unsettled`` neither. ``verdicts`` counts all of them by status."""

    new: int = 0
    confirmed: int = 0
    refuted: int = 0
    unsettled: int = 0
    verdicts: dict[str, int] = {}


class Charged(msgspec.Struct, frozen=True):
    """``units`` were charged (of a dry run: would be). Free are ``repeated`` matches, of a record that is in the file
    more than once, and ``requeried`` ones, of a record that was charged inside the window before."""

    units: int = 0
    repeated: int = 0
    requeried: int = 0


class JobTally(msgspec.Struct, frozen=True):
    rows: Tally = Tally()
    emails: Contacts = Contacts()
    phones: Contacts = Contacts()
    charge: Charged = Charged()


def job_tally(rows: Tally, answers: pa.Table) -> JobTally:
    """Count contacts in the flat columns of answers; what was charged is not known yet."""
    return JobTally(rows, _contacts(answers, "email"), _contacts(answers, "phone"))


def added_up(tallies: Sequence[JobTally]) -> JobTally:
    """The sum of several."""
    return JobTally(
        total(tally.rows for tally in tallies),
        _sum([tally.emails for tally in tallies]),
        _sum([tally.phones for tally in tallies]),
        Charged(
            sum(tally.charge.units for tally in tallies),
            sum(tally.charge.repeated for tally in tallies),
            sum(tally.charge.requeried for tally in tallies),
        ),
    )


def _contacts(answers: pa.Table, contact: str) -> Contacts:
    ranks = [f"bureau_{contact}_{rank}" for rank in range(1, SHOWN + 1)]
    status = pa.chunked_array([chunk for rank in ranks for chunk in answers[f"{rank}_status"].chunks], pa.string())
    known = pa.chunked_array([chunk for rank in ranks for chunk in answers[f"{rank}_known"].chunks], pa.bool_())
    sent, good, bad = (pc.fill_null(known, False), *(pc.is_in(status, value_set=values) for values in (_GOOD, _BAD)))
    confirmed, refuted = _count(pc.and_(sent, good)), _count(pc.and_(sent, bad))
    return Contacts(
        new=_count(pc.invert(known)),
        confirmed=confirmed,
        refuted=refuted,
        unsettled=_count(sent) - confirmed - refuted,
        verdicts={count["values"]: count["counts"] for count in pc.value_counts(status.drop_null()).to_pylist()},
    )


def _count(mask: pa.ChunkedArray) -> int:
    return pc.sum(mask).as_py() or 0


def _sum(contacts: Sequence[Contacts]) -> Contacts:
    verdicts: Counter[str] = Counter()
    for one in contacts:
        verdicts.update(one.verdicts)
    return Contacts(
        new=sum(one.new for one in contacts),
        confirmed=sum(one.confirmed for one in contacts),
        refuted=sum(one.refuted for one in contacts),
        unsettled=sum(one.unsettled for one in contacts),
        verdicts=dict(sorted(verdicts.items())),
    )
