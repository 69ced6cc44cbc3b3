"""Log lines are JSON, and personal data that slipped into one is masked."""

import io
import logging
import re
import warnings
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import StoreUnavailable
from bureau.obs.logs import MASK, configure_logging, masked


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    written = io.StringIO()
    configure_logging("INFO", written)
    yield written
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_what_where_and_when(stream: io.StringIO) -> None:
    logging.getLogger("api").warning("late by %d", 7, extra={"request_id": "req_01hx", "status": 503, "free": None})
    (line,) = lines(stream)
    assert line.pop("time").endswith("+00:00")
    assert {
        "level": "WARNING", "logger": "api", "message": "late by 7", "request_id": "req_01hx", "status": 503,
        "free": None,
    } == line  # fmt: skip


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    logging.getLogger("api").debug("detail")
    assert [] == lines(stream)


def test_an_exception_shows_its_type_and_frames_but_not_what_it_quotes(stream: io.StringIO) -> None:
    try:
        int("12345678909 Maria")
    except ValueError:
        logging.getLogger("api").exception("could not")
    assert "Maria" not in stream.getvalue()
    (line,) = lines(stream)
    assert "ValueError" == line["error"]
    assert line["frames"][0].endswith("test_an_exception_shows_its_type_and_frames_but_not_what_it_quotes")


def test_our_own_errors_keep_their_sentence(stream: io.StringIO) -> None:
    try:
        raise StoreUnavailable("PostgreSQL cannot be used.")
    except StoreUnavailable:
        logging.getLogger("api").exception("could not")
    assert "PostgreSQL cannot be used." == lines(stream)[0]["reason"]


def test_warnings_are_lines_too(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert "py.warnings" == lines(stream)[0]["logger"]


def test_extras_are_masked_as_well(stream: io.StringIO) -> None:
    logging.getLogger("api").info("x", extra={"who": "ana@exemplo.com.br", "all": ["123.456.789-09"], "n": 12345678909})
    (line,) = lines(stream)
    assert (MASK, [MASK], MASK) == (line["who"], line["all"], line["n"])


@pytest.mark.parametrize(
    "secret",
    ["123.456.789-09", "12345678909", "12.345.678/0001-95", "+55 (11) 98765-4321", "(11) 8765-4321", "1187654321",
     "ana.lima+x@exemplo.com.br", "192.168.100.200"],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["{}", "for {}.", "value='{}'", "({})", "a={}, b", '"{}"'])
def test_numbers_and_addresses_are_masked_however_they_are_written(secret: str, frame: str) -> None:
    logged = masked(frame.format(secret))
    assert MASK in logged
    assert [] == re.findall(r"\d{2}|ana|exemplo", logged)


@pytest.mark.parametrize("text", ["req_01hx3k9m2vq8zr5t7w0n4y6abc", "503 in 12.5 ms", "0.0.0.0:8000", "line 1234567"])
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert text == masked(text)


@given(st.integers(0, 10**11 - 1), st.text(max_size=20), st.text(max_size=20))
def test_no_cpf_comes_through(cpf: int, before: str, after: str) -> None:
    digits = f"{cpf:011}"
    written = f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"
    assert written not in masked(f"{before} {written} {after}")
