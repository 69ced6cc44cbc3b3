import io

import pytest

from bureau.cli.output import Console, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_and_cleared() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal)
    line.show("loading", 1, 4)
    line.show("loading", 2, 4)  # too soon after the first to be drawn
    line.clear()
    assert "\rloading  25%  0 s\x1b[K\r\x1b[K" == terminal.getvalue()


def test_progress_without_a_total_counts() -> None:
    terminal = Terminal()
    ProgressLine(terminal).show("waiting", 1234, 0)
    assert "waiting 1,234" in terminal.getvalue()


def test_progress_is_silent_elsewhere() -> None:
    pipe = io.StringIO()
    line = ProgressLine(pipe)
    line.show("loading", 1, 4)
    line.clear()
    assert "" == pipe.getvalue()


def test_with_json_only_the_summary_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(machine_readable=True)
    console.say("for people")
    console.finish({"rows": 1})
    captured = capsys.readouterr()
    assert ('{"rows":1}\n', "for people\n") == (captured.out, captured.err)


def test_without_json_there_is_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.say("for people")
    console.finish({"rows": 1})
    assert "for people\n" == capsys.readouterr().out
