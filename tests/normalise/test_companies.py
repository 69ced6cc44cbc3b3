import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.normalise.check_digits import cpf_check_digits
from bureau.normalise.companies import CIA, EIRELI, LTDA, ME, SA, SS, company_name


@pytest.mark.parametrize(
    ("content", "form", "text"),
    [
        (("PADARIA", "ZE"), LTDA, "Padaria do Zé Ltda."),
        (("PADARIA", "ZE"), LTDA, "PADARIA DO ZE LIMITADA - ME"),
        (("BANCO", "X"), SA, "BANCO X S/A"),
        (("BANCO", "X"), SA, "Banco X S.A."),
        (("BANCO", "X"), SA, "BANCO X S A"),
        (("BANCO", "X"), SA, "BANCO X SOCIEDADE ANONIMA"),
        (("ABC",), EIRELI, "ABC EIRELI EPP"),
        (("BRASILEIRA", "DISTRIBUICAO"), CIA, "CIA. BRASILEIRA DE DISTRIBUICAO"),
        (("BRASILEIRA", "DISTRIBUICAO"), SA, "COMPANHIA BRASILEIRA DE DISTRIBUICAO SA"),
        (("SILVA",), CIA, "SILVA & CIA"),
        (("SILVA",), CIA, "SILVA & CIA LTDA"),
        (("SILVA", "SOUZA"), SS, "SILVA & SOUZA S/S"),
        (("JOAO", "SILVA"), ME, "JOAO DA SILVA ME"),
        (("ME",), 0, "ME"),
        (("3M", "BRASIL"), LTDA, "3M DO BRASIL LTDA"),
    ],
)
def test_content_and_legal_form(content: tuple[str, ...], form: int, text: str) -> None:
    found = company_name(text)
    assert found is not None
    assert (content, form) == (found.content, found.legal_form)


def test_an_ampersand_is_an_e() -> None:
    one, other = company_name("SILVA & SOUZA LTDA"), company_name("SILVA E SOUZA LTDA")
    assert one == other


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("judicial_recovery", "FOO LTDA EM RECUPERAÇÃO JUDICIAL"),
        ("liquidation", "FOO LTDA - EM LIQUIDACAO"),
        ("liquidation", "FOO LTDA EM LIQUIDACAO EXTRAJUDICIAL"),
        ("bankrupt", "MASSA FALIDA DE FOO LTDA"),
        ("bankrupt", "FOO LTDA - FALIDA"),
    ],
)
def test_states_are_no_part_of_the_name(state: str, text: str) -> None:
    found = company_name(text)
    assert found is not None
    assert ((state,), ("FOO",), LTDA) == (found.states, found.content, found.legal_form)


def test_a_leading_root_is_taken_off() -> None:
    found = company_name("41.330.504 MARIA SOUZA")
    assert found is not None
    assert ("MARIA SOUZA", int("41330504", 36), 0) == (found.display, found.root, found.owner_tax_id)


@given(st.integers(1, 10**9 - 1))
def test_a_trailing_cpf_is_the_owners_and_never_shown(base: int) -> None:
    cpf = f"{base:09d}{cpf_check_digits(base):02d}"
    found = company_name(f"MARIA SOUZA {cpf}")
    assert found is not None
    if found.owner_tax_id:
        assert (int(cpf), "MARIA SOUZA") == (found.owner_tax_id, found.display)
    else:
        assert len(set(cpf)) == 1


def test_a_trailing_number_that_is_no_cpf_belongs_to_the_name() -> None:
    found = company_name("POSTO 12345678900")
    assert found is not None
    assert (0, "POSTO 12345678900") == (found.owner_tax_id, found.display)


@pytest.mark.parametrize("text", [None, "", "***", "NÃO INFORMADO"])
def test_missing(text: str | None) -> None:
    assert company_name(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = company_name(text)
    assert found is None or (found.content and found.display)
