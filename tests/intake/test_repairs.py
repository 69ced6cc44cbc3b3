"""Repairs by row; the corpus shows them in whole files."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.intake.canonical import CANONICAL
from bureau.intake.misplaced import rearranged
from bureau.intake.repairs import repair_texts, repaired

FIELDS = ("name", "tax_id", "birth_date", "phones", "emails")


def repair(**cells: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    row = repaired(pa.Table.from_pylist([cells], CANONICAL)).to_pylist()[0]
    notes = row.pop("repairs") or []
    return {field: value for field, value in row.items() if value is not None}, notes


def test_a_repair_says_what_was_there_and_what_is() -> None:
    found, notes = repair(name="JOSÃ‰ DA SILVA", phones="11 3333-4444 / 4445")
    assert {"name": "JOSÉ DA SILVA", "phones": "11 3333-4444|11 3333-4445"} == found
    assert [
        {"field": "name", "from": "JOSÃ‰ DA SILVA", "to": "JOSÉ DA SILVA", "rule": "mojibake_undone"},
        {"field": "phones", "from": "11 3333-4444 / 4445", "to": found["phones"], "rule": "several_split"},
    ] == notes


@pytest.mark.parametrize(
    "cells",
    [
        {"name": "NAOMI CAMPOS"},
        {"name": "INACIO DE SEM-VERGONHA"},
        {"name": "IRMÃ DULCE"},
        {"phones": "11 3333-4444|21 98765-4321"},
        {"phones": "(0xx11) 3333-4444 ramal 22"},
        {"emails": "ana/rui@exemplar.com"},
        {"emails": "ana@exemplar,com"},
        {"name": "ANA", "tax_id": "529.982.247-25", "birth_date": "28/02/1980", "emails": "a@b.com"},
        {"tax_id": "12.ABC.345/01DE-35"},
        {"tax_id": "***982247**"},
        {"name": "EMPRESA 123 LTDA"},
        {"name": "99 POP"},
    ],
)
def test_what_is_right_stays_as_it_is(cells: dict[str, str]) -> None:
    assert (cells, []) == repair(**cells)


@pytest.mark.parametrize(
    "text", ["NAO TEM", "não informado", "n/a", "#NULO#", "***", "-", "xxxx", "SEM CPF", "NULL", "000.000.000-00"]
)
def test_what_says_nothing_is_taken_away(text: str) -> None:
    found, notes = repair(tax_id=text, name="ANA")
    assert {"name": "ANA"} == found
    assert [("tax_id", text, "placeholder_removed")] == [(one["field"], one["from"], one["rule"]) for one in notes]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1133334444;11987654321", "1133334444|11987654321"),
        ("(11) 3333-4444 e 98765-4321", "(11) 3333-4444|11 98765-4321"),
        ("1133334444, ramal 22", "1133334444 ramal 22"),
        ("3333-4444/5555-6666", "3333-4444|5555-6666"),
    ],
)
def test_phones_of_a_cell_are_taken_apart(cell: str, expected: str) -> None:
    assert expected == repair(phones=cell)[0]["phones"]


def test_values_in_each_others_columns_go_home() -> None:
    found, notes = repair(name="39053344705", tax_id="RUI LOPES", emails="1133334444", phones="rui@exemplar.com")
    expected = {"name": "RUI LOPES", "tax_id": "39053344705", "phones": "1133334444", "emails": "rui@exemplar.com"}
    assert expected == found
    assert {"moved_from_tax_id", "moved_from_name", "moved_from_emails", "moved_from_phones"} == {
        note["rule"] for note in notes
    }


def test_a_value_whose_place_is_taken_stays() -> None:
    cells: dict[str, str | None] = {**dict.fromkeys(FIELDS), "name": "39053344705", "tax_id": "529.982.247-25"}
    assert [] == list(rearranged(cells))


CELL = st.one_of(
    st.none(),
    st.sampled_from(
        ["ANA LIMA", "52998224725", "28/02/1980", "1133334444", "a@b.com", "a@b.com|1133334444", "x", "12"]
    ),
)


@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, CELL)))
def test_rearranging_loses_and_invents_nothing(cells: dict[str, str | None]) -> None:
    after = {**cells, **{field: value for field, value, _ in rearranged(cells)}}
    assert pieces(cells) == pieces(after)


def pieces(cells: dict[str, str | None]) -> list[str]:
    return sorted(piece for cell in cells.values() if cell for piece in cell.split("|"))


def test_repairs_as_text() -> None:
    table = repaired(pa.Table.from_pylist([{"name": "ANA"}, {"name": "NAO TEM", "tax_id": "-"}], CANONICAL))
    expected = [None, "tax_id: placeholder_removed; name: placeholder_removed"]
    assert expected == repair_texts(table["repairs"]).to_pylist()
