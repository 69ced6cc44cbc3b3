import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bureau.normalise.addresses import (
    complement,
    district,
    house_number,
    house_numbers,
    municipalities_of,
    municipality,
    municipality_of_postal_code,
    postal_code,
    postal_codes,
    street,
    streets,
)
from bureau.reference.places import municipalities, municipality_of_siafi, postal_code_ranges
from bureau.reference.register import register_municipalities


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("RUA CORONEL FULANO", "R. Cel. Fulano"),
        ("RUA CORONEL FULANO", "rua cel fulano"),
        ("AVENIDA PAULISTA", "AV PAULISTA"),
        ("PRACA DA SE", "Pça. da Sé"),
        ("RUA DAS FLORES", "10A RUA DAS FLORES"),
        ("TRAVESSA DO MEIO", "1ª Travessa do Meio"),
        ("ALAMEDA SANTOS", "AL. SANTOS"),
        ("AL 101 NORTE", "AL 101 NORTE"),  # a road of Alagoas
        ("RODOVIA BR 101 KM 12", "ROD BR-101, KM 12"),
        ("RUA NOSSA SENHORA DAS DORES", "R N SRA DAS DORES"),
        ("RUA NOSSA SENHORA DAS DORES", "Rua N. Sra. das Dores"),
        ("RUA SANTO ANTONIO", "RUA STO ANTONIO"),
        ("TR DAS ACACIAS", "TR DAS ACACIAS"),  # trecho or travessa: left alone
        ("R", "R"),
        ("RUA 7 DE SETEMBRO", "R 7 DE SETEMBRO"),
        ("SQS 308", "SQS 308"),
        (None, "-"),
        (None, "NAO INFORMADO"),
        (None, None),
    ],
)
def test_street(expected: str | None, text: str | None) -> None:
    assert expected == street(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        *[("123", text) for text in ("123", "0123", "Nº 123", "n. 123", "NUMERO 123", "123.0", "No 123")],
        *[("1234", text) for text in ("1.234", "1234")],
        *[
            (None, text)
            for text in ("S/N", "SN", "S N", "s/nº", "S/ NUM", "S", "SEM NUMERO", "0", "000", "-", "IIII", "", None)
        ],
        *[("12A", text) for text in ("12-A", "12 A", "012/A", "12a")],
        ("KM 12", "KM 12"),
    ],
)
def test_house_number(expected: str | None, text: str | None) -> None:
    assert expected == house_number(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("APARTAMENTO 12 BLOCO B", "AP 12 BL B"),
        ("APARTAMENTO 12", "apto.12"),
        ("APARTAMENTO 102", "AP102"),
        ("BLOCO 01 APARTAMENTO 102", "BLOCO 01                  APT   102"),
        ("LOTE 01 QUADRA 73", "LOTE 01;QUADRA 73"),
        ("FUNDOS", "FDS"),
        ("CONJUNTO 5 CONDOMINIO X", "CJ 5 COND X"),
        (None, "S/N"),
        (None, "***"),
    ],
)
def test_complement(expected: str | None, text: str) -> None:
    assert expected == complement(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [("JARDIM SANTA RITA", "JD. STA. RITA"), ("VILA MARIANA", "Vl Mariana"), ("CENTRO", "centro"), (None, "N/A")],
)
def test_district(expected: str | None, text: str) -> None:
    assert expected == district(text)


def test_every_municipality_is_found_by_its_own_name() -> None:
    assert [] == [place.name for place in municipalities() if municipality(place.name, place.state) != place.index]


def test_every_register_spelling_finds_its_municipality() -> None:
    index_of, by_index = municipality_of_siafi(), municipalities()
    known = [(name, index_of[int(code)]) for code, name in register_municipalities().items() if int(code) in index_of]
    lost = [name for name, index in known if municipality(name, by_index[index - 1].state) != index]
    assert [] == lost


@pytest.mark.parametrize(
    ("expected", "city", "state"),
    [
        ("São Paulo", "SAO PAULO", "SP"),
        ("São Paulo", " são  paulo ", "São Paulo"),
        ("São Paulo", "Sao Paulo - SP", None),
        ("Campinas", "CAMPINAS/SP", ""),
        ("Santa Bárbara d'Oeste", "STA BARBARA D OESTE", "SP"),
        ("Santa Bárbara d'Oeste", "SANTA BARBARA DO OESTE", "SP"),
        ("Mogi Mirim", "MOJI MIRIM", "SP"),
        ("Paraty", "PARATI", "RJ"),
        ("Embu das Artes", "EMBU", "SP"),
        ("Rio de Janeiro", "RIO JANEIRO", "RJ"),
        ("Brasília", "BRASILIA", "DF"),
        ("Brasília", "BRASÍLIA", None),
        (None, "BOM JESUS", None),  # five states have one
        (None, "SAO PAULO", "RJ"),
        (None, "EXTERIOR", "EX"),
        (None, None, "SP"),
        (None, "NAO INFORMADO", "SP"),
    ],
)
def test_municipality(expected: str | None, city: str | None, state: str | None) -> None:
    found = municipality(city, state)
    assert expected == (municipalities()[found - 1].name if found else None)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (1310100, "01310-100"),
        (1310100, "1310100"),
        (1310100, "01.310-100"),
        (20040020, "20040020.0"),
        *[(0, text) for text in ("0", "00000000", "99999999", "123", "ABC", "", None, "013101000", "00012345")],
    ],
)
def test_postal_code(expected: int, text: str | None) -> None:
    assert expected == postal_code(text)


def test_a_postal_code_tells_its_municipality() -> None:
    assert "São Paulo" == municipalities()[municipality_of_postal_code(1310100) - 1].name
    assert 0 == municipality_of_postal_code(0)
    for one in postal_code_ranges()[::97]:
        assert one.municipality == municipality_of_postal_code(one.first) == municipality_of_postal_code(one.last)


def test_columns_say_what_the_scalars_say() -> None:
    texts = ["R. Cel. Fulano", None, "S/N", "0123", "R. Cel. Fulano", "01310-100"]
    column = pa.array(texts)
    assert [street(text) for text in texts] == streets(column).to_pylist()
    assert [house_number(text) for text in texts] == house_numbers(column).to_pylist()
    assert [postal_code(text) for text in texts] == postal_codes(column).tolist()
    cities, states = pa.array(["São Paulo", None, "Campinas/SP"]), pa.array(["SP", "SP", None])
    expected = [municipality("São Paulo", "SP"), 0, municipality("Campinas", "SP")]
    assert expected == municipalities_of(cities, states).tolist()


@given(st.text("ABNR 0189./-º'Sé;", max_size=25))
@example("1 .0")
def test_what_is_read_is_something(text: str) -> None:
    for function in (street, district, complement, house_number):
        found = function(text)
        assert found is None or found
        assert found is None or found == " ".join(found.split())
