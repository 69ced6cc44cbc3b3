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
