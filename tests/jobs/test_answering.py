"""A chunk: each record once, and rows that cannot be answered apart from the others."""

import datetime as dt
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import PopulationUnavailable
from bureau.ids import ClientId
from bureau.intake.canonical import CANONICAL
from bureau.intake.staging import stage
from bureau.intake.tables import open_table
from bureau.jobs.answering import UNANSWERABLE, ChunkWork, answer_chunk, answer_chunk_carefully
from bureau.jobs.record_keys import RecordKeys, first_of_each
from bureau.model.query import Options

SECRET = b"s" * 32


def work(directory: Path, text: str, answer: Any) -> ChunkWork:
    (directory / "upload").write_text(text)
    staged = stage(open_table(directory / "upload"), directory)
    asked = partial(answer, directory, "pop_1", Options(), dt.datetime.now(dt.UTC))
    return ChunkWork(staged, 0, asked, None, False, SECRET, ClientId("acme"))


@pytest.mark.acceptance
def test_a_row_that_kills_its_process_is_found_and_refused(tmp_path: Path) -> None:
    from tests.jobs import deadly

    part, tally = answer_chunk_carefully(work(tmp_path, "nome;conta\nANA;1\nDEADLY;2\nBIA;3\n", deadly.answer))
    assert [2, 4] == part.rows.tolist()
    assert [(3, "", UNANSWERABLE)] == [tuple(refusal) for refusal in part.refusals]
    assert ({"not_found": 2}, {UNANSWERABLE: 1}) == (tally.statuses, tally.refused)


def test_what_is_no_rows_fault_is_not_laid_at_a_rows_door(tmp_path: Path) -> None:
    def gone(*_: Any) -> Any:
        raise PopulationUnavailable("It was removed.")

    with pytest.raises(PopulationUnavailable):
        answer_chunk(work(tmp_path, "nome;conta\nANA;1\nBIA;2\n", gone))


def records(**columns: list[str | None]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table({name: pa.array(columns.get(name, [None] * rows), pa.string()) for name in CANONICAL.names})


def keys(table: pa.Table, client: str = "acme", secret: bytes = SECRET) -> list[bytes]:
    found: list[bytes] = RecordKeys(secret, ClientId(client)).of(table).to_pylist()
    return found


def test_how_a_record_is_typed_does_not_matter() -> None:
    assert 1 == len(set(keys(records(name=["José  da Silva", "JOSE DA SILVA", "jose-da-silva", " JOSÉ DA SILVA. "]))))
    assert 1 == len(set(keys(records(tax_id=["529.982.247-25", "52998224725"]))))


def test_every_field_matters_and_where_it_stands() -> None:
    tables = [
        records(name=["ANA"]), records(name=["ANA"], state=["SP"]), records(name=["ANA"], emails=["a@b.c"]),
        records(mother_name=["ANA"]), records(name=["AN"], mother_name=["A"]),
    ]  # fmt: skip
    assert len(tables) == len({keys(table)[0] for table in tables})


def test_nobody_else_can_make_or_compare_keys() -> None:
    table = records(name=["ANA"])
    assert 3 == len({*keys(table), *keys(table, "other"), *keys(table, secret=b"t" * 32)})


@given(st.lists(st.integers(0, 5), max_size=30))
def test_first_of_each_is_what_a_loop_finds(numbers: list[int]) -> None:
    first, which = first_of_each(pa.array([b"%016d" % number for number in numbers], pa.binary(16)))
    seen = list(dict.fromkeys(numbers))
    assert [numbers.index(number) for number in seen] == first.to_pylist()
    assert [seen.index(number) for number in numbers] == which.to_pylist()
