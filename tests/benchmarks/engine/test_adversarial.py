import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.engine import adversarial
from benchmarks.engine.hostile import LONGEST, Hostile
from bureau.model.query import Record

HOSTILE = Hostile(["MARIA", "JOSE"], ["SILVA", "SANTOS", "SOUZA", "LIMA"])


@pytest.mark.parametrize("kind", HOSTILE.kinds())
def test_hostile_records_pass_decoding_so_that_the_engine_has_to_bear_them(kind: str) -> None:
    records = [msgspec.json.decode(message, type=Record) for message in HOSTILE.records(kind, 20)]
    assert all(0 < len(record.name or "") <= LONGEST for record in records)


def test_the_worst_that_is_promised_is_among_them() -> None:
    one_letter, crowded = (next(iter(HOSTILE.records(kind, 1))) for kind in ("one-letter names", "60 tokens of nobody"))
    assert {1} == {len(token) for token in msgspec.json.decode(one_letter)["name"].split()}
    assert 60 <= len(msgspec.json.decode(crowded)["name"].split()) + 1


def test_every_kind_is_timed_and_a_megabyte_is_refused(
    chain_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(adversarial, "IDENTICAL", 50)
    monkeypatch.setattr(adversarial, "BOUND_US", 0)
    assert 1 == adversarial.main([str(chain_home), "--count", "5", "--json", str(tmp_path / "found.json")])
    found = json.loads((tmp_path / "found.json").read_text())
    assert len(HOSTILE.kinds()) + 2 == len(found["kinds"])
    assert all(0 < row["p50_us"] <= row["p99_us"] <= row["slowest_us"] for row in found["kinds"].values())
    assert 5 == found["kinds"]["Cyrillic"]["refused"]
    assert "<= 200" in found["megabyte_name"]["refused"]
    assert "twenty wrong contacts" in capsys.readouterr().out
