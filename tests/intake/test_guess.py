from datetime import date

import pytest

from bureau.errors import UnreadableInput
from bureau.intake.guess import guess
from bureau.intake.headers import PhoneColumns

TODAY = date(2026, 11, 22)
NAMES = ["ANA PAULA LIMA", "RUI LOPES", "EVA DIAS", "JOSE REIS", "JOAO COSTA"]
MOTHERS = ["MARIA LIMA", "JOANA LOPES", "ROSA DIAS", "TERESA REIS", "CARLA COSTA"]
TAX_IDS = ["529.982.247-25", "390.533.447-05", "111.444.777-35", "012.345.678-90", "529.982.247-25"]
PHONES = ["(11) 98765-4321", "(21) 3333-4444", "(41) 99123-4567", "(31) 98765-1234", "(11) 3333-4444"]


def test_names_of_columns_go_first_and_content_fills_up() -> None:
    found = guess(["nome", "x", "y"], [NAMES, TAX_IDS, PHONES], None, TODAY)
    assert {"name": (0,), "tax_id": (1,)} == found.meaning.fields
    assert (PhoneColumns(2),) == found.meaning.phones
    assert ["header", "content", "content"] == [column.why for column in found.columns]
    assert 1.0 == found.columns[0].confidence > found.columns[1].confidence > 0.8


def test_columns_exchanged_with_their_headers_are_put_right() -> None:
    found = guess(["cpf", "nome"], [NAMES, TAX_IDS], None, TODAY)
    assert {"name": (0,), "tax_id": (1,)} == found.meaning.fields


def test_a_header_is_believed_when_nothing_plainly_contradicts_it() -> None:
    nicknames = ["ANA", "RUI", "EVA", "IVO", "UGO"]
    found = guess(["nome", "mae", "cpf"], [nicknames, MOTHERS, TAX_IDS], None, TODAY)
    assert {"name": (0,), "mother_name": (1,), "tax_id": (2,)} == found.meaning.fields


def test_contract_numbers_called_document_do_not_hide_the_tax_id() -> None:
    contracts = ["1", "2", "3", "4", "5"]
    assert {"tax_id": (1,)} == guess(["documento", "x"], [contracts, TAX_IDS], None, TODAY).meaning.fields
    assert {"tax_id": (1,)} == guess(["documento", "cpf"], [["1"], TAX_IDS[:1]], None, TODAY).meaning.fields


def test_women_in_a_second_column_of_names_are_mothers() -> None:
    found = guess(["a", "b", "c"], [TAX_IDS, NAMES, MOTHERS], None, TODAY)
    assert (1,) == found.meaning.fields["name"]
    found = guess(["nome", "b"], [NAMES, MOTHERS], None, TODAY)
    assert {"name": (0,), "mother_name": (1,)} == found.meaning.fields


def test_the_users_word_is_the_last() -> None:
    header, sample = ["nome", "x", "fone"], [NAMES, TAX_IDS, PHONES]
    found = guess(header, sample, {"tax_id": ["nome"], "ignore": ["x", "fone"]}, TODAY)
    assert {"tax_id": (0,)} == found.meaning.fields
    assert () == found.meaning.phones
    assert ["mapping", "", ""] == [column.why for column in found.columns]


def test_a_guess_says_itself_as_a_mapping() -> None:
    header = ["nome", "sobrenome", "ddd", "fone", "x"]
    sample = [NAMES, NAMES, ["11"] * 5, ["3333-4444"] * 5, PHONES]
    found = guess(header, sample, None, TODAY)
    mapping = found.meaning.as_mapping(header)
    assert {"name": ["nome", "sobrenome"], "phones": [["ddd", "fone"], "x"]} == mapping
    again = guess(header, sample, mapping, TODAY)
    assert (found.meaning.fields, found.meaning.phones) == (again.meaning.fields, again.meaning.phones)


def test_a_file_about_nobody_is_one_sentence() -> None:
    with pytest.raises(UnreadableInput, match="None of the 2 columns"):
        guess(["valor", "vencimento"], [["1"], ["2"]], None, TODAY)
