"""``bureau train`` as a user meets it."""

import json
from pathlib import Path

import pytest

from bureau.cli import main

ROWS = [
    (f"JOSE {surname} {last}", f"{day:02}/0{month}/19{year}")
    for surname in ("ROCHA", "PRADO", "NUNES", "TELES")
    for last in ("LIMA", "DIAS", "MELO")
    for day, month, year in ((3, 4, 71), (17, 9, 85), (28, 2, 60))
]


def load(tmp_path: Path, home: Path, source: str) -> None:
    path = tmp_path / f"{source}.csv"
    path.write_text("nome;data nascimento\n" + "".join(f"{name};{born}\n" for name, born in ROWS))
    assert 0 == main(["--home", str(home), "load", "people", str(path), "--release", "2026"])


def test_a_table_of_old_and_new_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    for source in ("one", "other"):
        load(tmp_path, home, source)
    capsys.readouterr()
    assert 0 == main(["--home", str(home), "train", "--pairs", "10000", "--seed", "2"])
    said = capsys.readouterr().out
    assert "look-ups in other sources" in said
    assert "date_day" in said
    assert (home / "models" / "people.json").exists()

    assert 0 == main(["--home", str(home), "train", "--pairs", "10000", "--json"])
    summary = json.loads(capsys.readouterr().out)
    assert len(ROWS) * 2 == summary["rows"]
    assert 10_000 == summary["random_pairs"]
    assert {"level", "m_before", "m", "u", "matches"} <= summary["levels"][0].keys()


def test_that_nothing_could_be_learnt_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(tmp_path, tmp_path / "home", "one")
    assert 0 == main(["--home", str(tmp_path / "home"), "train", "--pairs", "10000"])
    assert "Nothing was learnt" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [([], 1, "load people"), (["--pairs", "9999"], 2, "--pairs"), (["--seed", "-1"], 2, "--seed")],
)
def test_what_cannot_be_done_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert code == main(["--home", str(tmp_path), "train", *arguments])
    said = capsys.readouterr().err
    assert 1 == len(said.splitlines())
    assert words in said
