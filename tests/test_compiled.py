"""What compiled code may ask of the processor changes nothing that can be seen."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from bureau.compiled import compiled, fetch


def _after_asking(rows: np.ndarray, column: np.ndarray) -> int:
    for place in range(-1, len(rows) + 1):  # a place outside is only asked for, never read
        fetch(rows, place)
        fetch(column, place)
    return int(rows[1, 1] + column[2])


def test_fetching_reads_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))  # code read from disk cannot be inspected
    rows, column = np.arange(12, dtype=np.int32).reshape(4, 3), np.arange(4, dtype=np.uint64)
    asking = compiled(_after_asking)
    assert 6 == asking(rows, column)
    assert np.array_equal(np.arange(12).reshape(4, 3), rows)
    (code,) = asking.inspect_llvm().values()  # type: ignore[attr-defined]
    assert "llvm.prefetch" in code


USER = """
from bureau.compiled import compiled
from level_of_a_test import NUMBER

@compiled
def outer():
    return inner()

@compiled
def inner():
    return NUMBER
"""


def test_code_is_kept_by_all_it_is_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by what stands below a function in its file, and there by a constant of another file."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path)
    user, level = tmp_path / "user_of_a_test.py", tmp_path / "level_of_a_test.py"
    user.write_text(USER)
    for number in (1, 22):
        level.write_text(f"NUMBER = {number}\n")
        os.utime(level, (number, number))  # imported anew, whatever the clock's resolution
        importlib.invalidate_caches()
        assert number == importlib.import_module(user.stem).outer()
        for module in (user, level):
            del sys.modules[module.stem]
