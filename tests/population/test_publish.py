import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bureau.errors import BuildFailed, PopulationUnavailable
from bureau.model.query import Kind
from bureau.population import build, current_id, list_populations, open_population, publish, use
from bureau.population.publish import building
from bureau.population.verify import verify

Fill = Callable[[Path, int], Path]

KILLED_IN_STAGE = """
import os, signal, sys
from pathlib import Path
from bureau.population import BuildOptions, build
seen = []
def progress(stage, share):
    seen.append(stage)
    if len(seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
build(Path(sys.argv[1]), BuildOptions(progress=progress))
"""


def test_the_last_two_and_the_one_in_use_are_kept(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    first, second = build(home).id, build(home).id
    use(home, first)
    third, fourth = build(home).id, build(home).id
    assert fourth == current_id(home)
    assert [fourth, third] == [found.id for found in list_populations(home)]
    assert [True, False] == [found.in_use for found in list_populations(home)]
    use(home, third)
    fifth = build(home).id
    assert [fifth, fourth] == [found.id for found in list_populations(home)]
    assert not (home / "populations" / second).exists()


def test_rolling_back_and_forward(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    first, second = build(home).id, build(home).id
    use(home, first)
    assert first == open_population(home).id
    assert second == open_population(home, second).id
    use(home, second)
    assert second == current_id(home)
    with pytest.raises(PopulationUnavailable, match="pop_unknown"):
        use(home, "pop_unknown")
    with pytest.raises(PopulationUnavailable):
        use(home, "CURRENT")


def test_two_builds_at_once_are_refused(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    with building(home, "pop_other"), pytest.raises(BuildFailed, match="Another build"):
        build(home)
    build(home)


def test_an_open_population_stays_readable_after_its_files_are_gone(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    first = build(home).id
    population = open_population(home)
    name = population.entity_name(Kind.PERSON, 3)
    for _ in range(2):
        build(home)
    assert not (home / "populations" / first).exists()
    assert name == population.entity_name(Kind.PERSON, 3)


def test_a_failed_verification_publishes_nothing(
    tmp_path: Path, fill_home: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fill_home(tmp_path, 20)
    first = build(home).id

    def failing(directory: Path, secret: bytes) -> None:
        records = np.load(directory / "people" / "records.npy")
        records[0, 10] = 5  # the first record now claims another entity
        np.save(directory / "people" / "records.npy", records)
        verify(directory, secret)

    monkeypatch.setattr(sys.modules["bureau.population.build"], "verify", failing)
    with pytest.raises(BuildFailed, match="entity order"):
        build(home)
    assert first == current_id(home)
    assert [first] == [found.id for found in list_populations(home)]
    assert not list((home / "populations").glob(".building-*"))


def test_a_crash_before_the_switch_leaves_the_old_population_in_use(
    tmp_path: Path, fill_home: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fill_home(tmp_path, 20)
    first = build(home).id
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_point", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build(home)
    assert first == open_population(home).id
    newer = [found.id for found in list_populations(home) if not found.in_use]
    use(home, newer[0])  # it is whole: only the switch was missing
    assert newer == [open_population(home).id]


def test_a_full_disk_is_one_sentence(tmp_path: Path, fill_home: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    home = fill_home(tmp_path, 20)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(sys.modules["bureau.population.build"], "fingerprint_files", full)
    with pytest.raises(BuildFailed, match="No space left"):
        build(home)
    assert current_id(home) is None


def test_leftovers_of_a_killed_removal_are_cleaned(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    leftover = home / "populations" / ".removing-pop_old" / "people"
    leftover.mkdir(parents=True)
    build(home)
    assert not leftover.exists()


def test_a_damaged_population_cannot_be_used(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    first, second = build(home).id, build(home).id
    (home / "populations" / first / "texts_bytes.npy").unlink()
    with pytest.raises(PopulationUnavailable, match="damaged"):
        use(home, first)
    assert second == current_id(home)


@pytest.mark.acceptance
def test_a_build_killed_in_any_stage_leaves_the_old_population_usable(tmp_path: Path, fill_home: Fill) -> None:
    home = fill_home(tmp_path, 20)
    first = build(home).id
    for stage in (2, 9, 12):
        killed = subprocess.run([sys.executable, "-c", KILLED_IN_STAGE, home, str(stage)], check=False, env=os.environ)
        assert -signal.SIGKILL == killed.returncode
        assert 1 == len(list((home / "populations").glob(".building-*")))
        assert first == open_population(home).id
    second = build(home).id
    assert second == open_population(home).id
    assert not list((home / "populations").glob(".building-*"))
