"""Which row of a record shows its unit, against a loop that says so."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from bureau.enrich.columns import FLAT
from bureau.enrich.parts import Part
from bureau.enrich.results import Answers
from bureau.jobs.charges import ShownCharges, halves

Row = tuple[int, bool, bool]
"""Which record it is, whether it matched, and whether that was charged before the job."""


def key(record: int) -> bytes:
    return b"%08d" % record + b"." * 8


def part_of(rows: list[Row]) -> Part:
    answers = pa.Table.from_pylist([{"bureau_charge": int(matched)} for _, matched, _ in rows], FLAT)
    keys = pa.array([key(record) for record, _, _ in rows], pa.binary(16))
    return Part(np.arange(len(rows)), Answers(answers, []), [], keys)


def as_a_loop_does(chunks: list[list[Row]]) -> list[list[int]]:
    """A match costs one unit unless it was charged before the job or is not the first match of its record."""
    seen = set[int]()
    shown = []
    for rows in chunks:
        units = []
        for record, matched, before in rows:
            units.append(int(matched and not before and record not in seen))
            if matched:
                seen.add(record)
        shown.append(units)
    return shown


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=8), max_size=4))
def test_a_record_shows_its_unit_on_its_first_row(chunks: list[list[Row]]) -> None:
    everywhere = [record for rows in chunks for record, matched, _ in rows if matched]
    more_than_once = sorted({record for record in everywhere if everywhere.count(record) > 1})
    charges = ShownCharges(np.unique(halves(pa.array([key(record) for record in more_than_once], pa.binary(16)))))
    found = []
    for rows in chunks:
        requeried = np.array([at for at, (_, matched, before) in enumerate(rows) if matched and before], np.uint16)
        shown = charges.shown(part_of(rows), requeried)
        found.append(shown.answers.columns["bureau_charge"].to_pylist())
    assert as_a_loop_does(chunks) == found


@given(st.lists(st.binary(min_size=16, max_size=16)), st.integers(0, 3))
def test_halves_are_those_of_the_keys_that_are_looked_at(keys: list[bytes], start: int) -> None:
    found = halves(pa.array(keys, pa.binary(16))[start:])
    assert [key[:8] for key in keys[start:]] == [half.tobytes() for half in found]
