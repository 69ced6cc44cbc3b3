"""Files that are there whole or not at all, whoever else writes them and however they end."""

from contextlib import suppress
from pathlib import Path

import pytest

from bureau.durable import staged
from bureau.errors import OutputFailed


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_it_is_there_when_the_block_has_ended_well(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("earlier")
    with staged(path) as partial:
        partial.write_text("whole")
        assert "earlier" == path.read_text()
    assert ("whole", ["out.csv"]) == (path.read_text(), names(tmp_path))


def test_what_was_there_stays_when_it_does_not(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("earlier")
    with suppress(KeyError), staged(path) as partial:
        partial.write_text("half")
        raise KeyError
    assert ("earlier", ["out.csv"]) == (path.read_text(), names(tmp_path))


def test_two_at_once_are_both_whole_and_the_last_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with staged(path) as slow:
        slow.write_text("slow, and ")
        with staged(path) as quick:
            quick.write_text("quick")
        assert "quick" == path.read_text()
        with slow.open("a") as file:
            file.write("whole")
    assert ("slow, and whole", ["out.csv"]) == (path.read_text(), names(tmp_path))


def test_where_nothing_can_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(OutputFailed, match=r"A part cannot be written to .*: Not a directory"),
        staged(tmp_path / "file" / "out.csv", "A part"),
    ):
        pass


def test_anothers_trouble_is_not_called_that(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), staged(tmp_path / "out.csv"):
        (tmp_path / "absent.csv").open()
    assert [] == names(tmp_path)
