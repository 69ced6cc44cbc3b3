"""A server that could not do what its settings say is not started: one sentence, exit code 2."""

import socket
from pathlib import Path

import pytest

from bureau.cli import main
from bureau.cli.serve import listening_at
from bureau.settings import Settings

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


def test_a_port_that_another_server_has_is_not_shared_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert 2 == main(["serve", "--home", str(tmp_path), "--port", str(port)])
    assert f"127.0.0.1:{port}: Address already in use" in capsys.readouterr().err
    with listening_at(Settings(port=port)) as freed:
        assert ("127.0.0.1", port) == freed.getsockname()


def test_names_of_this_machine_are_addresses_and_others_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening_at(Settings(host="localhost", port=0)) as listening:
        assert "127.0.0.1" == listening.getsockname()[0]
    assert 2 == main(["serve", "--home", str(tmp_path), "--host", "192.0.2.1"])
    assert "Nothing can listen on 192.0.2.1" in capsys.readouterr().err
