from pathlib import Path

import pytest

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.headers import PhoneColumns, read_mapping, recognise

CONTRACT = [
    *("tax_id", "name", "birth_date", "sex", "mother_name", "street", "number", "complement", "district", "city"),
    *("state", "postal_code", "phones", "emails", "seen_at", "source"),
]


def test_every_column_of_the_contract_is_recognised() -> None:
    found = recognise(CONTRACT)
    singles = [name for name in CONTRACT if name not in ("phones", "emails")]
    assert {name: (CONTRACT.index(name),) for name in singles} == found.fields
    assert (PhoneColumns(12),) == found.phones
    assert (13,) == found.emails
    assert () == found.unused


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("CPF", "tax_id"),
        ("CPF/CNPJ", "tax_id"),
        ("NOME DO CLIENTE", "name"),
        ("Cliente", "name"),
        ("Razão Social", "name"),
        ("DATA NASCIMENTO", "birth_date"),
        ("Dt. Nasc.", "birth_date"),
        ("birthDate", "birth_date"),
        ("NOME DA MÃE", "mother_name"),
        ("Endereço", "street"),
        ("LOGRADOURO", "street"),
        ("Município", "city"),
        ("UF", "state"),
        ("CEP", "postal_code"),
        ("Nome Fantasia", "trade_name"),
    ],
)
def test_portuguese_names(header: str, field: str) -> None:
    assert {field: (1,)} == recognise(["E-mail", header]).fields


def test_numbered_phones_and_mails_become_lists() -> None:
    found = recognise(["nome", "Telefone 1", "celular", "FONE2", "e-mail", "EMAIL 2", "WhatsApp", "tel residencial"])
    assert tuple(PhoneColumns(column) for column in (1, 2, 3, 6, 7)) == found.phones
    assert (4, 5) == found.emails


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["DDD", "TELEFONE"], [(1, 0)]),
        (["DDD1", "TEL1", "DDD2", "TEL2"], [(1, 0), (3, 2)]),
        (["telefone_1_ddd", "telefone_1_numero", "telefone_2_ddd", "telefone_2_numero"], [(1, 0), (3, 2)]),
        (["ddd_1", "ddd_2", "telefone_1", "telefone_2"], [(2, 0), (3, 1)]),
        (["DDD Celular", "Celular", "DDD Fixo", "Telefone Fixo"], [(1, 0), (3, 2)]),
        (["DDD", "fone", "DDD", "celular"], [(1, 0), (3, 2)]),
        (["DDD/Telefone", "Celular"], [(0, None), (1, None)]),
        (["telefone", "DDD"], [(0, None)]),
    ],
)
def test_area_codes_are_paired(header: list[str], expected: list[tuple[int, int | None]]) -> None:
    assert tuple(PhoneColumns(*pair) for pair in expected) == recognise(header).phones


def test_pieces_of_a_field_are_joined_in_order() -> None:
    found = recognise(["Logradouro", "Tipo Logradouro", "first name", "last name"])
    assert {"street": (1, 0), "name": (2, 3)} == found.fields


def test_a_repeated_or_unknown_column_is_unused() -> None:
    found = recognise(["nome", "email válido", "nome", "saldo"])
    assert {"name": (0,)} == found.fields
    assert () == found.emails
    assert (1, 2, 3) == found.unused


@pytest.mark.parametrize(
    ("header", "companies"),
    [
        (["cnpj", "razao social"], True),
        (["cpf", "nome"], False),
        (["cpf/cnpj", "nome"], False),
        (["tax_id", "legal_name", "trade_name"], True),
        (["cpf", "nome", "cnpj"], False),
    ],
)
def test_company_headers(header: list[str], companies: bool) -> None:
    assert companies == recognise(header).company_names


def test_a_header_of_nobody_is_one_sentence_that_repeats_no_cell() -> None:
    with pytest.raises(UnreadableInput) as refused:
        recognise(["Zulmira Inventada", "01/02/1980", "1234"])
    assert "Zulmira" not in str(refused.value)


def test_mapping_wins_and_takes_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('name = ["A", "B"]\nphones = [["D", "F"], "nome"]\nemails = "M"\n')
    found = recognise(["a", "b", "d", "f", "nome", " m ", "cpf"], read_mapping(path))
    assert {"name": (0, 1), "tax_id": (6,)} == found.fields
    assert (PhoneColumns(3, 2), PhoneColumns(4)) == found.phones
    assert (5,) == found.emails


def test_mapping_in_json(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    path.write_text('{"tax_id": "X"}')
    assert {"tax_id": ["X"]} == read_mapping(path)


@pytest.mark.parametrize("text", ["name = [", "name = 3", "name = {a = 1}"])
def test_an_unusable_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(UnreadableInput, match=r"map\.toml"):
        read_mapping(path)


def test_mapping_to_unknown_field_or_column(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('salary = "X"')
    with pytest.raises(InvalidArgument, match="salary"):
        read_mapping(path)
    with pytest.raises(InvalidArgument, match='"X" for name'):
        recognise(["nome"], {"name": ["X"]})
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_mapping(tmp_path / "absent.toml")
