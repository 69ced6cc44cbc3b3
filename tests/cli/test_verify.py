"""``bureau verify`` with and without a database."""

import csv
import json
from pathlib import Path

import pytest

from bureau.cli.main import main


def reasons(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["bureau_email_1_reason"] for row in csv.DictReader(file)]


def test_reports_of_the_same_home_count_for_their_client(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUREAU_DATABASE_URL", database_url)
    home = ["--home", str(tmp_path / "home"), "--json"]
    (tmp_path / "in.csv").write_text("email,nota\nana@example.com,1\nbia@example.com,2\n", encoding="utf-8")
    event = {"email": "ana@example.com", "event": "spamreport", "sg_event_id": "1", "timestamp": 1_795_000_000}
    (tmp_path / "events.json").write_text(json.dumps([event]), encoding="utf-8")
    assert 0 == main(["events", "load", str(tmp_path / "events.json"), "--client", "acme", *home])
    capsys.readouterr()
    verify = ["verify", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--depth", "syntax", *home]
    assert 0 == main([*verify, "--client", "acme"])
    told = json.loads(capsys.readouterr().out)
    assert {"not_checked": 1, "suppressed_complaint": 1} == told["emails"]
    assert ["suppressed_complaint", "not_checked"] == reasons(tmp_path / "out.csv")
    assert 0 == main([*verify, "--client", "other"])
    assert ["not_checked", "not_checked"] == reasons(tmp_path / "out.csv")


def test_a_home_without_a_database_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUREAU_DATABASE_URL", raising=False)
    (tmp_path / "in.csv").write_text("email,nota\nana@@example.com,1\n", encoding="utf-8")
    verify = ["verify", str(tmp_path / "in.csv"), "-o", str(tmp_path / "out.csv"), "--home", str(tmp_path / "home")]
    assert 0 == main([*verify, "--depth", "syntax"])
    assert ["syntax_invalid"] == reasons(tmp_path / "out.csv")
    assert not (tmp_path / "home" / "postgres").exists()
    assert 2 == main([*verify, "--wait", "-1"])
