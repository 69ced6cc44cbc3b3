import re
import resource
from pathlib import Path

import pytest

from bureau.population import open_population, residence


def _resident_kib() -> int:
    """Of this process's files, by the kernel's own account of each mapping."""
    text = Path("/proc/self/smaps").read_text(encoding="ascii", errors="replace")
    mappings = re.findall(r"\.npy\n.*?^Rss: +(\d+) kB", text, flags=re.DOTALL | re.MULTILINE)
    return sum(map(int, mappings))


def test_all_that_is_mapped_is_brought_in(built_home: Path) -> None:
    population = open_population(built_home)
    before = _resident_kib()
    assert residence.bring_in(population)
    files = [file.stat().st_size for file in population.directory.rglob("*.npy")]
    assert _resident_kib() > before
    assert _resident_kib() * 1024 >= 0.9 * sum(files)  # columns of another shape are read, not mapped


def test_what_would_not_fit_is_left_alone(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residence, "SHARE", 0.0)
    assert not residence.bring_in(open_population(built_home))


def test_an_older_kernel_is_no_obstacle(built_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(residence, "POPULATE_READ", 9999)
    assert not residence.bring_in(open_population(built_home))


def test_a_system_that_keeps_no_pages_is_no_obstacle(built_home: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, hard))
    try:
        assert residence.bring_in(open_population(built_home))
    finally:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (soft, hard))
