"""``bureau events``: files in, each event once; addresses for providers, made and revoked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bureau.cli.main import main

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("BUREAU_DATABASE_URL", database_url)

    def command(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main(["events", *arguments, "--home", str(tmp_path / "home"), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return command


def event(number: int, email: str) -> dict[str, Any]:
    return {"email": email, "event": "spamreport", "sg_event_id": str(number), "timestamp": 1_795_000_000}


def test_loading_twice_counts_once_and_says_what_names_nobody(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps([event(1, "ana@example.com"), event(2, "bia@example.com")]))
    (tmp_path / "two.json").write_text(json.dumps([event(3, "nobody"), event(2, "bia@example.com")]))
    files = str(tmp_path / "one.json"), str(tmp_path / "two.json")
    expected = {"files": 2, "accepted": 2, "duplicates": 1, "unusable": 1}
    assert (1, expected) == run("load", *files, "--client", "acme")
    again = {"files": 1, "accepted": 0, "duplicates": 2, "unusable": 0}
    assert (0, again) == run("load", files[0], "--client", "acme")


@pytest.mark.parametrize("content", [b"{}x", b"email,type\nana@example.com,bounced\n", bytes(range(200))])
def test_a_file_that_is_no_notice_is_one_clear_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "one.json").write_bytes(content)
    code, said = run("load", str(tmp_path / "one.json"), "--client", "acme")
    assert (1, "unreadable_input") == (code, said["error"])
    assert "one.json" in said["detail"]


def test_sources_are_made_listed_and_revoked(run: Run) -> None:
    _, made = run("source", "--client", "acme", "--provider", "ses")
    assert made["path"].startswith("/hooks/ses/")
    _, listed = run("sources")
    assert [(made["id"], "acme", "ses")] == [(one["id"], one["client"], one["provider"]) for one in listed["sources"]]
    assert made["path"].rpartition("/")[2] not in json.dumps(listed)
    assert (0, {"id": made["id"], "revoked": True}) == run("revoke", made["id"])
    code, said = run("revoke", "src_none")
    assert (2, "invalid_argument") == (code, said["error"])
