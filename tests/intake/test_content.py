from datetime import date

import pytest

from bureau.intake.content import content_as, content_of, looks_like_data

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["529.982.247-25", "39053344705", "***982247**"], "tax_id"),
        (["11.222.333/0001-81", "12.ABC.345/01DE-35"], "tax_id"),
        (["a@exemplar.com", "b@exemplar.com.br; c@exemplar.com", "NAO TEM"], "emails"),
        (["(11) 98765-4321", "1133334444 / 11987654321", "+55 21 3333-4444", "n/a", "1133335555"], "phones"),
        (["28/02/1980", "1975-12-01", "1/7/90"], "birth_date"),
        (["01310-100", "20.040-002"], "postal_code"),
        (["SP", "rj", "MG"], "state"),
        (["São Paulo", "NITEROI", "Curitiba"], "city"),
        (["RUA DAS FLORES, 10", "Av. Brasil 20", "TRAVESSA DO SOL"], "street"),
        (["ANA PAULA LIMA", "João da Silva", "EMPRESA INVENTADA LTDA"], "name"),
        (["M", "F", "F", "M"], "sex"),
    ],
)
def test_values_speak_for_their_field(values: list[str], field: str) -> None:
    found = content_of(values, TODAY)
    assert found is not None
    assert field == found.field


@pytest.mark.parametrize(
    "values",
    [
        ["00017", "00018", "00019"],
        ["1.234,56", "R$ 3,00", "0"],
        ["10/11/2026", "01/02/2025", "05/05/2024"],  # nobody is born when a bill falls due
        ["ABERTO", "PAGO", "ABERTO"],
        ["4111111111", "5222222222", "9000000017", "1000000001"],
        ["x" * 500, "y" * 500],
        [],
    ],
)
def test_other_values_speak_for_nothing(values: list[str]) -> None:
    assert content_of(values, TODAY) is None


def test_a_field_without_a_look_of_its_own_is_never_spoken_for() -> None:
    assert 0.0 == content_as("district", ["CENTRO"] * 9, TODAY).confidence


def test_a_row_is_told_from_a_header() -> None:
    assert looks_like_data(["ANA", "529.982.247-25"], TODAY)
    assert not looks_like_data(["nome", "cpf", "", "2026", "123"], TODAY)
