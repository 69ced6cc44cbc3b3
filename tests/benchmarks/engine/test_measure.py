import json
from pathlib import Path

import pytest

from benchmarks.engine import measure
from benchmarks.engine.run import growth, print_report


def test_a_population_is_measured_and_reported(
    chain_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measure, "RUNS", 2)
    measure.main([str(chain_home / "synthetic/queries"), str(chain_home)])
    figures = json.loads(capsys.readouterr().out)
    assert 300 == figures["queries"]
    assert figures["batch_us"]["match"] <= figures["batch_us"]["find_columns"] * 1.5
    assert 0 < figures["single_us"]["find"]["p50"] <= figures["single_us"]["find"]["p99"]
    assert 0 < figures["single_us"]["find_one"]["mean"] < figures["single_us"]["find"]["mean"]
    assert 0.5 < figures["answers"]["present_matched"] <= 1
    assert figures["answers"]["absent_matched"] < 0.1
    assert figures["memory_mib"]["own"] < figures["memory_mib"]["rss"]
    assert 3 <= sum(int(line.split()[0]) for line in figures["slowest"])
    both = {"1000": figures, "5000": figures}
    assert {1.0} == set(growth(both).values())
    print_report({"figures": both, "growth": growth(both)})
    assert "date, first" in capsys.readouterr().out
