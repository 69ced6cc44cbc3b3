"""Settings come from the environment, and a bad one is named without repeating its value."""

from pathlib import Path

import pytest

from bureau.errors import InvalidArgument
from bureau.settings import Settings, unknown_variables


def test_defaults_need_no_variable() -> None:
    assert Settings() == Settings.from_environment({"PATH": "/bin", "UNRELATED": "1"})


def test_variables_are_read_by_name_and_type() -> None:
    environ = {"BUREAU_HOME": "/data", "BUREAU_PORT": "9000", "BUREAU_REQUESTS_PER_SECOND": "12.5"}
    settings = Settings.from_environment(environ)
    assert (Path("/data"), 9000, 12.5) == (settings.home, settings.port, settings.requests_per_second)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings() == Settings.from_environment({"BUREAU_DATABASE_URL": "", "BUREAU_PORT": ""})


def test_options_win_over_variables_and_absent_ones_do_not() -> None:
    settings = Settings.from_environment({"BUREAU_PORT": "1", "BUREAU_WORKERS": "3"}, port=2, workers=None)
    assert (2, 3) == (settings.port, settings.workers)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BUREAU_PORT", "secret", "BUREAU_PORT: expected int."),
        ("BUREAU_PORT", "70000", "BUREAU_PORT: expected int <= 65535."),
        ("BUREAU_WORKERS", "0", "BUREAU_WORKERS: expected int >= 1."),
        ("BUREAU_REQUESTS_PER_SECOND", "inf", "BUREAU_REQUESTS_PER_SECOND: expected float <= 1000000000.0."),
        ("BUREAU_REQUESTS_PER_SECOND", "nan", "BUREAU_REQUESTS_PER_SECOND: expected float > 0.0."),
        ("BUREAU_IDEMPOTENCY_HOURS", "1", "BUREAU_IDEMPOTENCY_HOURS: expected float >= 24.0."),
        ("BUREAU_LOG_LEVEL", "secret", "BUREAU_LOG_LEVEL: expected DEBUG, INFO, WARNING or ERROR."),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Settings.from_environment({name: value})
    assert message == str(caught.value)


def test_a_mistyped_variable_is_told_apart_from_settings_and_from_others() -> None:
    environ = {"BUREAU_WORKER": "2", "BUREAU_WORKERS": "2", "PATH": "/bin", "MY_BUREAU_HOME": "/"}
    assert ["BUREAU_WORKER"] == unknown_variables(environ)
