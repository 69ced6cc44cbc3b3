"""The command as a user meets it, in this process: exit codes, sentences, the summary line."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bureau.cli import main
from bureau.cli.population import bytes_of
from bureau.durable import staged
from bureau.errors import InvalidArgument

PEOPLE = "cpf;nome;data nascimento;telefone;email\r\n" + "".join(
    f"{cpf};{name};01/02/19{year};11 9{year}65-43{year};pessoa{year}@exemplo.com.br\r\n"
    for cpf, name, year in (
        ("529.982.247-25", "MARIA INVENTADA DA SILVA", 71),
        ("111.444.777-35", "JOSE FICTICIO PEREIRA", 82),
    )
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def people_file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.csv"
    path.write_bytes(PEOPLE.encode("cp1252"))
    return path


def test_a_file_is_loaded_built_and_listed(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["load", "people", str(people_file(tmp_path)), "--release", "2026-11", "--json"])
    loaded = json.loads(capsys.readouterr().out)
    assert [{"source": "clients", "release": "2026-11"}] == [
        {name: release[name] for name in ("source", "release")} for release in loaded["releases"]
    ]
    assert 2 == sum(loaded["kept"].values())

    assert 0 == main(["build", "--json"])
    built = json.loads(capsys.readouterr().out)
    assert 0 == main(["populations"])
    assert f"* {built['id']}" in capsys.readouterr().out

    assert 0 == main(["build"])
    assert 0 == main(["populations", "use", built["id"]])
    assert 0 == main(["populations", "list", "--json"])
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])["populations"]
    assert [built["id"]] == [population["id"] for population in listed if population["in_use"]]
    assert home.exists()


def test_home_is_taken_before_and_after_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--home", str(tmp_path), "populations"], ["populations", "--home", str(tmp_path)]):
        assert 0 == main(arguments)
        assert "no population yet" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["load", "people", "absent.csv"], 1, "does not exist"),
        (["load", "cnpj", "absent"], 1, "absent"),
        (["build"], 1, "bureau: "),
        (["build", "--memory", "much"], 2, "not a size"),
        (["populations", "use", "pop_none"], 1, "pop_none"),
        (["enrich", "absent.csv", "-o", "out.csv"], 1, "bureau: "),
        (["enrich", "a.csv", "-o", "b.csv", "--min-probability", "2"], 2, "--min-probability"),
        (["serve", "--port", "70000"], 2, "BUREAU_PORT"),
        (["demo", "--people", "3"], 2, "at least"),
        (["load", "people", "/dev/null"], 1, "no ordinary file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code == main(arguments)
    captured = capsys.readouterr()
    assert words in captured.err
    assert 1 == len(captured.err.splitlines())
    assert "" == captured.out


@pytest.mark.usefixtures("home")
def test_a_mistyped_setting_is_told_and_hinders_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BUREAU_WORKER", "secret")
    assert 0 == main(["populations"])
    (said,) = capsys.readouterr().err.splitlines()
    assert "BUREAU_WORKER is no setting" in said
    assert "secret" not in said


@pytest.mark.usefixtures("home")
def test_a_failure_is_also_machine_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["load", "people", "absent.csv", "--json"])
    assert "unreadable_input" == json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["load"],
        ["enrich", "file.csv"],
        ["keys", "create"],
        ["worker", "--processes", "0"],
        ["enrich", "a.csv", "-o", "b.csv", "--processes", "many"],
    ],
)
def test_bad_usage_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert 2 == left.value.code
    assert "usage: bureau" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["build"], "Build a population from the loaded sources."),
        (["load", "people"], "People from CSV or Parquet tables."),
        (["keys", "create"], "Make a key and print it, once."),
    ],
)
def test_every_commands_help_says_what_it_does(
    arguments: list[str], about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--help"])
    assert 0 == left.value.code
    assert about in capsys.readouterr().out


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (RuntimeError("JOSE FICTICIO"), 1)])
def test_interruption_and_the_unexpected(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("bureau.population.publish.list_populations", fail)
    assert code == main(["populations"])
    said = capsys.readouterr().err
    assert 1 == len(said.splitlines())
    assert "FICTICIO" not in said


def started(arguments: list[str], **how: Any) -> Any:
    return subprocess.Popen([sys.executable, "-m", "bureau.cli", *arguments], stderr=subprocess.PIPE, **how)


@pytest.mark.parametrize("arguments", [["-h"], ["populations"], ["populations", "--json"], ["build", "--json"]])
def test_one_whose_reader_left_is_silent(arguments: list[str], home: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = started([*arguments, "--home", str(home)], stdout=write)
    os.close(write)
    said = process.communicate()[1].decode()
    assert process.returncode == (0 if arguments == ["-h"] else 141)
    assert not [word for word in ("Traceback", "ignored", "BrokenPipe", "Broken pipe") if word in said]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the machine has no /dev/full")
@pytest.mark.parametrize("arguments", [["populations"], ["populations", "--json"]])
def test_a_full_disk_under_standard_output_is_one_sentence(arguments: list[str], home: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        process = started([*arguments, "--home", str(home)], stdout=full)
        said = process.communicate()[1].decode()
    assert 1 == process.returncode
    assert "bureau: Input or output: No space left on device." == said.splitlines()[-1]
    assert "Traceback" not in said


def test_told_to_end_it_clears_away_what_is_half_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.csv"

    def half_way(*_: object) -> None:
        with staged(output) as partial:
            partial.write_text("half")
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("bureau.population.publish.list_populations", half_way)
    assert 143 == main(["populations", "--home", str(home)])
    assert ["Interrupted."] == capsys.readouterr().err.splitlines()
    assert [] == list(tmp_path.iterdir())
    assert signal.SIG_DFL == signal.getsignal(signal.SIGTERM)


def test_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert 0 == left.value.code
    assert capsys.readouterr().out.startswith("Bureau ")


@pytest.mark.usefixtures("home")
def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bureau.population.publish.list_populations", fail)
    assert 1 == main(["populations", "--debug"])
    assert "Traceback" in capsys.readouterr().err


def test_a_demonstration_never_touches_a_home_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sources" / "clients").mkdir(parents=True)
    assert 2 == main(["demo", "--home", str(tmp_path), "--people", "1000"])
    assert "a home of its own" in capsys.readouterr().err
    assert (tmp_path / "sources" / "clients").exists()


@pytest.mark.parametrize(
    ("text", "size"), [("4G", 4 << 30), ("800m", 800 << 20), ("1.5GiB", 3 << 29), ("64k", 64 << 10), ("123", 123)]
)
def test_sizes(text: str, size: int) -> None:
    assert size == bytes_of(text)


@pytest.mark.parametrize("text", ["", "G", "-1G", "4T", "0", "4 5"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(InvalidArgument, match="not a size"):
        bytes_of(text)
