"""A server that could not do what its settings say is not started: one sentence, exit code 2."""

from pathlib import Path

import pytest

from bureau.cli import main

UNUSABLE = {
    ("BUREAU_PROBE_NAME", "sonda.exemplo.com.br"): "Probing needs BUREAU_PROBE_NAME",
    ("BUREAU_DNS_SERVERS", "dns.exemplo.com.br"): "BUREAU_DNS_SERVERS: expected IP addresses",
}


@pytest.mark.parametrize("given", UNUSABLE)
def test_unusable_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: tuple[str, str]
) -> None:
    variable, value = given
    monkeypatch.setenv(variable, value)
    assert 2 == main(["serve", "--home", str(tmp_path)])
    told = capsys.readouterr().err
    assert UNUSABLE[given] in told
    assert value not in told


def test_a_do_not_call_list_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = tmp_path / "lists.csv"
    lists.write_text("number,list,scope,since\n11 9876,x,sales,2026-01-01\n", encoding="utf-8")
    monkeypatch.setenv("BUREAU_DO_NOT_CALL", str(lists))
    assert 1 == main(["serve", "--home", str(tmp_path)])
    assert "Line 2 of the do-not-call list" in capsys.readouterr().err
