"""A release is whole or absent: whatever happens while it is written."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.errors import InvalidArgument, LoadFailed
from loaders import release as release_module
from loaders.release import Refusal, staged_release
from loaders.report import LoadReport

SCHEMA = pa.schema([pa.field("row", pa.int64())])


def publish(home: Path, rows: int, source: str = "shop", release: str = "2026-01") -> None:
    with staged_release(home, source, release) as staged:
        staged.write("people", pa.table({"row": pa.array(range(rows), pa.int64())}), SCHEMA)
        staged.finish(LoadReport(kind="people", kept={"people": rows}))


def published(home: Path) -> dict[str, int]:
    """Everything that readers would take for a release, with its rows."""
    found = [path for path in home.glob("sources/*/*") if not path.name.startswith(".")]
    return {
        f"{path.parent.name}/{path.name}": sum(pq.read_metadata(f).num_rows for f in path.glob("people-*.parquet"))
        for path in found
    }


def test_a_release_holds_tables_refusals_and_summary(tmp_path: Path) -> None:
    with staged_release(tmp_path, "shop", "2026-01") as staged:
        staged.write("people", pa.table({"row": pa.array([1], pa.int64())}), SCHEMA)
        staged.refuse([Refusal("a.csv", 7, "CPF", "why", 'x;"y"')])
        (staged.work / "scratch").write_text("intermediate")
        staged.finish(LoadReport(kind="people"))
    directory = tmp_path / "sources/shop/2026-01"
    assert ["people-001.parquet", "refusals.csv", "summary.json"] == sorted(p.name for p in directory.iterdir())
    assert 'a.csv,7,CPF,why,"x;""y"""' == (directory / "refusals.csv").read_text().splitlines()[1]
    assert "people" == msgspec.json.decode((directory / "summary.json").read_bytes(), type=LoadReport).kind


def test_long_tables_are_cut_into_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_module, "ROWS_PER_FILE", 10)
    with staged_release(tmp_path, "shop", "2026-01") as staged:
        for _ in range(3):
            staged.write("people", pa.table({"row": pa.array(range(6), pa.int64())}), SCHEMA)
        staged.finish(LoadReport(kind="people"))
    files = sorted(tmp_path.glob("sources/shop/2026-01/people-*"))
    assert [12, 6] == [pq.read_metadata(file).num_rows for file in files]


@pytest.mark.parametrize("exchange", [True, False])
def test_a_second_load_replaces_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    if not exchange:
        monkeypatch.setattr(release_module, "_exchange", lambda *_: False)
    publish(tmp_path, 3)
    publish(tmp_path, 5)
    assert {"shop/2026-01": 5} == published(tmp_path)
    assert [".lock", "2026-01"] == sorted(path.name for path in (tmp_path / "sources/shop").iterdir())


def test_this_file_system_can_exchange_two_directories(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert release_module._exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "other").exists()


def test_a_failed_load_leaves_the_old_release_and_nothing_else(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    with pytest.raises(ValueError, match="schema"), staged_release(tmp_path, "shop", "2026-01") as staged:
        staged.write("people", pa.table({"row": pa.array(["no number"])}), SCHEMA)
    assert {"shop/2026-01": 3} == published(tmp_path)
    assert [".lock", "2026-01"] == sorted(path.name for path in (tmp_path / "sources/shop").iterdir())


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """As if the disk were full after ``size`` bytes of one file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_one_sentence_and_publishes_nothing(tmp_path: Path) -> None:
    with file_size_limit(20_000), pytest.raises(LoadFailed, match="Nothing was published"):
        publish(tmp_path, 100_000)
    assert {} == published(tmp_path)
    publish(tmp_path, 10)
    assert {"shop/2026-01": 10} == published(tmp_path)


def test_an_unwritable_home_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "sources").write_text("a file where a directory should be")
    with pytest.raises(LoadFailed, match="Cannot write to"):
        publish(tmp_path, 1)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", ".hidden", "a b", "x" * 65])
def test_names_that_are_no_directory_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgument):
        publish(tmp_path, 1, source=name)
    with pytest.raises(InvalidArgument):
        publish(tmp_path, 1, release=name)


def test_two_loads_of_one_source_do_not_mix(tmp_path: Path) -> None:
    with staged_release(tmp_path, "shop", "2026-01") as staged:
        with pytest.raises(InvalidArgument, match="under way"):
            publish(tmp_path, 1)
        staged.finish(LoadReport(kind="people"))
    assert {"shop/2026-01": 0} == published(tmp_path)


def test_a_load_killed_between_two_renames_is_undone(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    parent = tmp_path / "sources/shop"
    (parent / "2026-01").rename(parent / ".loading-2026-01-replaced")
    publish(tmp_path, 4, release="2026-02")
    assert {"shop/2026-01": 3, "shop/2026-02": 4} == published(tmp_path)


LOAD_AND_WAIT = """
import sys, pyarrow as pa
from pathlib import Path
from loaders.release import staged_release
with staged_release(Path(sys.argv[1]), "shop", "2026-01") as staged:
    schema = pa.schema([pa.field("row", pa.int64())])
    staged.write("people", pa.table({"row": pa.array([1], pa.int64())}), schema)
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.mark.acceptance
def test_kill_9_leaves_no_half_release(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    command = [sys.executable, "-c", LOAD_AND_WAIT, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as load:
        assert load.stdout is not None
        assert b"writing\n" == load.stdout.readline()
        os.kill(load.pid, signal.SIGKILL)
    assert {"shop/2026-01": 3} == published(tmp_path)
    publish(tmp_path, 5)
    assert {"shop/2026-01": 5} == published(tmp_path)
    assert [".lock", "2026-01"] == sorted(path.name for path in (tmp_path / "sources/shop").iterdir())
