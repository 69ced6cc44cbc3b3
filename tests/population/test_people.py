from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import BuildFailed
from bureau.matching.layout import NO_TAX_ID
from bureau.model.tables import PEOPLE
from bureau.normalise.names import person_name
from bureau.population.intern import Interner
from bureau.population.people import PersonNames, read_people
from bureau.population.rows import Names, Parts, SourceNames
from bureau.population.sources import releases_in_use

words = st.sampled_from(["JOSE", "MARIA", "DA", "DE", "E", "SILVA", "FILHO", "NETO", "DR", "SR", "J", "SOUZA", "SA"])
names = st.lists(words, min_size=1, max_size=11).map(" ".join)


def texts_of(interner: Interner, rows: np.ndarray) -> tuple[str, ...]:
    offsets, letters = interner.heap()
    return tuple(letters[offsets[row] : offsets[row + 1]].tobytes().decode() for row in rows if row)


def cut(content: tuple[str, ...], head: int, width: int) -> tuple[str, ...]:
    return content if len(content) <= width else content[:head] + content[head - width :]


@given(st.lists(st.tuples(names, st.one_of(st.none(), names)), min_size=1, max_size=5))
def test_names_are_taken_apart_as_the_scalar_function_does(people: list[tuple[str, str | None]]) -> None:
    vocabulary, parts, found = Interner(), Parts(), Names.empty(len(people))
    columns = {field.name: pa.nulls(len(people), field.type) for field in PEOPLE}
    columns["name"] = pa.array([name for name, _ in people], pa.string())
    columns["mother_name"] = pa.array([mother for _, mother in people], pa.string())
    PersonNames(vocabulary).fill(found, parts, pa.RecordBatch.from_pydict(columns, PEOPLE), 0)
    tokens = parts.take("tokens", np.uint32)
    for i, (name, mother) in enumerate(people):
        expected, expected_mother = person_name(name), person_name(mother)
        assert expected is not None
        assert cut(expected.content, 5, 6) == texts_of(vocabulary, found.content[i])
        assert expected.suffix == found.suffix[i]
        assert (cut(expected_mother.content, 1, 4) if expected_mother else ()) == texts_of(vocabulary, found.alias[i])
        start = found.ends[i - 1] if i else 0
        assert expected.display == " ".join(texts_of(vocabulary, tokens[start : found.ends[i]]))


def write(home: Path, source: str, release: str, rows: list[dict[str, object]]) -> None:
    directory = home / "sources" / source / release
    directory.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, PEOPLE), directory / "people-001.parquet")


def test_the_latest_release_of_each_source_is_read_with_nulls_as_unknown(tmp_path: Path) -> None:
    write(tmp_path, "b", "2025", [{"row": 1, "name": "OLD ONE"}])
    write(tmp_path, "b", "2026", [{"row": 7, "phones": [1, 2], "emails": ["x@y.z"]}, {"row": 8, "source": "other"}])
    write(tmp_path, "a", "2024", [{"row": 3, "tax_id": 5, "name": "ANA SA", "sex": 2, "emails": ["x@y.z"]}])
    (tmp_path / "sources" / "a" / ".loading-2025").mkdir()
    sources, texts = SourceNames(), Interner()
    rows, lengths = read_people(releases_in_use(tmp_path), sources, Interner(), texts)
    assert ["a", "b", "other"] == sources.names
    assert [1, 2] == lengths
    assert [0, 1, 2] == rows.source.tolist()
    assert [3, 7, 8] == rows.row.tolist()
    assert [5, NO_TAX_ID, NO_TAX_ID] == rows.tax_id.tolist()
    assert [0, 2, 2] == rows.phone_ends.tolist()
    assert [1, 2] == rows.phones.tolist()
    assert [1, 2, 2] == rows.email_ends.tolist()
    assert rows.emails[0] == rows.emails[1]
    assert ("x@y.z",) == texts_of(texts, rows.emails[:1])
    assert [2, 0, 0] == rows.sex.tolist()


def test_dates_become_decimal_numbers(tmp_path: Path) -> None:
    dates = ["1970-01-01", "2000-02-29", "1899-12-31", "2026-03-01", None]
    table = pa.table({"d": pa.array(dates).cast(pa.date32())})
    people = [{"row": i, "birth_date": d} for i, d in enumerate(table["d"].to_pylist())]
    write(tmp_path, "a", "1", people)
    rows, _ = read_people(releases_in_use(tmp_path), SourceNames(), Interner(), Interner())
    assert [19700101, 20000229, 18991231, 20260301, 0] == rows.names.date.tolist()


def test_a_table_of_another_version_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "sources" / "a" / "1"
    directory.mkdir(parents=True)
    pq.write_table(pa.table({"row": [1]}), directory / "people-001.parquet")
    with pytest.raises(BuildFailed, match="load the source again"):
        read_people(releases_in_use(tmp_path), SourceNames(), Interner(), Interner())


@pytest.mark.parametrize("keep", [100, 20_000])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, keep: int) -> None:
    write(tmp_path, "a", "1", [{"row": i, "name": f"ANA {i}"} for i in range(5000)])
    path = tmp_path / "sources" / "a" / "1" / "people-001.parquet"
    whole = bytearray(path.read_bytes())
    if keep == 100:
        path.write_bytes(whole[:keep])  # cut off: no footer
    else:
        whole[1000:keep] = bytes(keep - 1000)  # the footer is whole, pages are not
        path.write_bytes(whole)
    with pytest.raises(BuildFailed, match="release 1, is damaged"):
        read_people(releases_in_use(tmp_path), SourceNames(), Interner(), Interner())


def test_more_sources_than_a_mask_holds_are_refused() -> None:
    with pytest.raises(BuildFailed, match="32"):
        SourceNames().numbers(pa.array([f"s{i}" for i in range(33)]), "x")
