"""Directories for work under way: gone with the work, and with the next work of their kind when they were left."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bureau.workspace import workspace

KILLED = """
import os, signal, sys
from pathlib import Path
from bureau.workspace import workspace
with workspace("work-", Path(sys.argv[1])) as directory:
    (directory / "client.csv").write_text("somebody")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_it_is_gone_when_the_block_ends_however_it_ends(tmp_path: Path) -> None:
    with workspace("work-", tmp_path) as directory:
        (directory / "inside").mkdir()
        assert [directory.name] == names(tmp_path)
        assert 0o700 == directory.stat().st_mode & 0o777
    with pytest.raises(KeyError), workspace("work-", tmp_path):
        raise KeyError
    assert [] == names(tmp_path)


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert -signal.SIGKILL == ended.returncode
    (left,) = tmp_path.iterdir()
    with workspace("other-", tmp_path):
        assert left.exists()
    with workspace("work-", tmp_path) as directory:
        assert [directory.name] == names(tmp_path)


def test_what_somebody_works_in_stays(tmp_path: Path) -> None:
    with workspace("work-", tmp_path) as one:
        (one / "kept").touch()
        with workspace("work-", tmp_path) as other:
            assert one != other
        assert (one / "kept").exists()


def test_files_and_links_of_the_same_name_are_nobodys_work(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "work-file").touch()
    (tmp_path / "work-link").symlink_to(elsewhere)
    with workspace("work-", tmp_path):
        pass
    assert ["elsewhere", "work-file", "work-link"] == sorted(names(tmp_path))


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with workspace("[a-z]", tmp_path):
        assert (tmp_path / "a").exists()
