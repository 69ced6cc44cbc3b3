"""Lists of contacts against the scalar functions, cell by cell."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.normalise.emails import Email, parse_email, split_emails
from bureau.normalise.phones import Phone, parse_phone, split_phones
from loaders.contacts import PhoneCells, email_lists, phone_lists
from loaders.report import Tally

PHONES = st.sampled_from(
    ["11987654321", "(21) 2222-3333", "87654321", "0", "", "nao tem", "0800 123 456", "+55 11 3333-4444"]
)
EMAILS = st.sampled_from(
    ["ana@shop.example", "RUI@WORK.EXAMPLE", "nao tem", "", "x@", "a b@c.example", "<eva@shop.example>"]
)
SEPARATORS = st.sampled_from(["|", " / ", ";", ", ", " ou ", "\n", "   ", " e ", "||"])


@st.composite
def cells(draw: st.DrawFn, values: st.SearchStrategy[str]) -> str | None:
    parts = draw(st.lists(values, max_size=3))
    joined = "".join(part + draw(SEPARATORS) for part in parts[:-1]) + (parts[-1] if parts else "")
    return draw(st.sampled_from([joined, joined, joined, None]))


def as_column(column: list[str | None]) -> pa.Array:
    return pa.array(column, pa.string())


@settings(deadline=None)
@given(st.lists(st.tuples(cells(PHONES), cells(PHONES)), max_size=6))
def test_phone_lists_hold_every_readable_number(rows: list[tuple[str | None, str | None]]) -> None:
    tally = Tally()
    columns = [PhoneCells(as_column([row[place] for row in rows])) for place in (0, 1)]
    parsed = [[parse_phone(part) for cell in row for part in split_phones(cell)] for row in rows]
    expected = [sorted(phone.number for phone in row if isinstance(phone, Phone)) for row in parsed]
    assert expected == [sorted(found) for found in phone_lists(columns, len(rows), tally).to_pylist()]
    problems = [phone for row in parsed for phone in row if not isinstance(phone, Phone) and phone != "missing"]
    assert len(problems) == tally.unusable.total()


@settings(deadline=None)
@given(st.lists(st.tuples(cells(EMAILS), cells(EMAILS)), max_size=6))
def test_email_lists_hold_every_readable_address(rows: list[tuple[str | None, str | None]]) -> None:
    columns = [as_column([row[place] for row in rows]) for place in (0, 1)]
    pieces = [[p for cell in row for part in (cell or "").split("|") for p in split_emails(part)] for row in rows]
    parsed = [[parse_email(piece) for piece in row] for row in pieces]
    expected = [sorted(found.address for found in row if isinstance(found, Email)) for row in parsed]
    assert expected == [sorted(found) for found in email_lists(columns, len(rows), Tally()).to_pylist()]


def test_area_codes_of_their_own_column_go_in_front() -> None:
    rows = [("11", "987654321"), ("011", "33334444"), ("0021", "22223333"), ("0", "0"), ("", "11987654321")]
    rows += [("11", "1133334444"), ("11", ""), (" 11 ", "3333-4444 / 3333-5555")]
    cells = PhoneCells(as_column([number for _, number in rows]), as_column([area_code for area_code, _ in rows]))
    tally = Tally()
    assert [
        [11987654321], [1133334444], [2122223333], [], [11987654321], [1133334444], [], [1133334444, 1133335555],
    ] == phone_lists([cells], len(rows), tally).to_pylist()  # fmt: skip
    assert {} == dict(tally.unusable)
