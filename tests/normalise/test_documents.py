import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.br import cnpj as oracle_cnpj
from stdnum.br import cpf as oracle_cpf

from bureau.normalise import tax_id_digits
from bureau.normalise.check_digits import cnpj_check_digits, cpf_check_digits, is_cnpj, is_cpf
from bureau.normalise.documents import (
    MaskedCpf,
    TaxId,
    TaxIdProblem,
    TaxKind,
    cnpj_text,
    cpf_digits,
    parse_tax_id,
    plain_cpf,
    tax_ids,
)

KINDS = st.sampled_from(["person", "company"])
BASES = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12)
# Numbers, their masks and the damage files do to them, all mixed, so that both valid and odd rows come up.
DAMAGED = st.one_of(
    st.text("0123456789", max_size=16),
    st.text("0123456789.-/' ", max_size=20),
    st.text("0123456789ABXx*#.,E+-/ é\u00a0", max_size=20),
    st.builds(
        lambda base, keep, mask: mask.format(f"{base:09d}{cpf_check_digits(base):02d}"[keep:]),
        st.integers(0, 10**9 - 1),
        st.integers(0, 4),
        st.sampled_from(["{}", "{}.0", "'{}", " {} ", "000{}", "{}-", "\u00a0{}", "{},00", "CPF {}"]),
    ),
    st.builds(
        lambda base, keep, mask: mask.format((base + cnpj_check_digits(base))[keep:]),
        st.one_of(st.text("0123456789", min_size=12, max_size=12), BASES),
        st.integers(0, 3),
        st.sampled_from(["{}", "{}.0", "'{}", " {}", "0{}"]),
    ),
)


@given(st.integers(0, 10**11 - 1))
def test_cpf_check_digits_agree_with_stdnum(number: int) -> None:
    digits = f"{number:011d}"
    assert (oracle_cpf.is_valid(digits) and len(set(digits)) > 1) == is_cpf(number)  # stdnum lets 999.999.999-99 pass


@given(st.integers(1, 10**9 - 2))
def test_completed_cpfs_are_valid_for_stdnum(base: int) -> None:
    digits = f"{base:09d}{cpf_check_digits(base):02d}"
    assert len(set(digits)) == 1 or oracle_cpf.is_valid(digits)


@given(BASES)
def test_cnpj_check_digits_agree_with_stdnum(base: str) -> None:
    digits = base + cnpj_check_digits(base)
    assert len(set(digits)) == 1 or oracle_cnpj.is_valid(digits)


def test_the_example_of_the_alphanumeric_cnpj() -> None:
    assert "35" == cnpj_check_digits("12ABC34501DE")  # IN RFB 2.229/2024


@given(BASES)
def test_a_cnpj_survives_its_number(base: str) -> None:
    assert base + cnpj_check_digits(base) == cnpj_text(int(base, 36))


@pytest.mark.parametrize(
    ("number", "rules", "text"),
    [
        (12345678909, [], "123.456.789-09"),
        (12345678909, [], " 123.456.789-09\u00a0"),
        (12345678909, [], "123 456 789 09"),
        (12345678909, [], "'12345678909"),
        (1234567890, ["leading_zeros_restored"], "1234567890"),
        (12345678909, ["decimals_dropped"], "12345678909.0"),
        (1234567890, ["decimals_dropped", "leading_zeros_restored"], "1234567890,00"),
        (12345678909, ["padding_removed"], "00012345678909"),
        (12345678909, ["padding_removed"], "000012345678909"),
        (12345678909, ["scientific_notation"], "1,2345678909E+10"),
    ],
)
def test_repairs_of_a_cpf(number: int, rules: list[str], text: str) -> None:
    found = parse_tax_id(text, "person")
    assert isinstance(found, TaxId)
    assert (number, rules) == (found.number, [rule for rule, _, _ in found.repairs])


@pytest.mark.parametrize(
    ("expected", "rules", "text"),
    [
        ("11222333000181", [], "11.222.333/0001-81"),
        ("12ABC34501DE35", [], "12.abc.345/01de-35"),
        ("00000000000191", ["leading_zeros_restored"], "191"),
        ("00360305000104", ["leading_zeros_restored"], "360305000104"),
        ("11222333000181", ["last_digit_restored"], "1122233300018"),
        ("11222333000181", ["decimals_dropped"], "11222333000181.0"),
    ],
)
def test_repairs_of_a_cnpj(expected: str, rules: list[str], text: str) -> None:
    found = parse_tax_id(text, "company")
    assert isinstance(found, TaxId)
    assert (expected, rules) == (cnpj_text(found.number), [rule for rule, _, _ in found.repairs])


@pytest.mark.parametrize(
    ("problem", "text", "kind"),
    [
        (TaxIdProblem.MISSING, None, None),
        (TaxIdProblem.MISSING, "0", None),
        (TaxIdProblem.MISSING, "000.000.000-00", None),
        (TaxIdProblem.MISSING, "NÃO TEM", None),
        (TaxIdProblem.MISSING, "***000000**", None),
        (TaxIdProblem.REPEATED_DIGITS, "111.111.111-11", None),
        (TaxIdProblem.CHECK_DIGITS, "123.456.789-00", None),
        (TaxIdProblem.CHECK_DIGITS, "11222333000182", "company"),
        (TaxIdProblem.CHECK_DIGITS, "12ABC34501DE36", None),
        (TaxIdProblem.WRONG_LENGTH, "12345", None),
        (TaxIdProblem.WRONG_LENGTH, "123456789012345", None),
        (TaxIdProblem.PRECISION_LOST, "1.23E+10", None),
        (TaxIdProblem.PRECISION_LOST, "1,23457E+10", "person"),
        (TaxIdProblem.MASKED, "123.***.***-09", None),
        (TaxIdProblem.NOT_A_TAX_ID, "MARIA", None),
        (TaxIdProblem.WRONG_KIND, "11222333000181", "person"),
        (TaxIdProblem.WRONG_KIND, "00012345678909", "company"),
        (TaxIdProblem.WRONG_KIND, "12345678909", "company"),
    ],
)
def test_problems(problem: TaxIdProblem, text: str | None, kind: TaxKind | None) -> None:
    assert problem == parse_tax_id(text, kind)


def test_with_kind_unknown_the_length_and_then_the_check_digits_decide() -> None:
    assert TaxId("person", 12345678909) == parse_tax_id("12345678909")
    assert TaxId("company", int("112223330001", 36)) == parse_tax_id("11222333000181")
    company = parse_tax_id("360305000104")
    assert isinstance(company, TaxId)
    assert "company" == company.kind


@pytest.mark.parametrize("text", ["***123456**", "***.123.456-**", "XXX.123.456-XX"])
def test_a_masked_cpf_shows_six_digits(text: str) -> None:
    assert MaskedCpf(123456) == parse_tax_id(text)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.one_of(st.none(), DAMAGED), max_size=30), KINDS)
def test_the_column_says_what_the_scalar_says(texts: list[str | None], kind: TaxKind) -> None:
    column = tax_ids(pa.array(texts, pa.string()), kind)
    for text, number, problem in zip(texts, column.numbers, column.problems, strict=True):
        parsed = parse_tax_id(text, kind)
        if isinstance(parsed, TaxId):
            assert (parsed.number, 0) == (number, problem)
        else:
            expected = TaxIdProblem.MASKED if isinstance(parsed, MaskedCpf) else parsed
            assert (0, expected) == (number, TaxIdProblem.of(int(problem)))


def test_columns_may_be_sliced_chunked_and_encoded() -> None:
    plain = pa.array(["x", "123.456.789-09", None, "191"])
    expected = [12345678909, 0]
    assert expected == tax_ids(plain.slice(1, 2), "person").numbers.tolist()
    assert expected == tax_ids(pa.chunked_array([plain.slice(1, 1), plain.slice(2, 1)]), "person").numbers.tolist()
    assert expected == tax_ids(plain.dictionary_encode().slice(1, 2), "person").numbers.tolist()
    assert expected == tax_ids(plain.cast(pa.large_string()).slice(1, 2), "person").numbers.tolist()
    assert [] == tax_ids(pa.array([], pa.string()), "person").numbers.tolist()


def test_problem_codes_of_the_compiled_part_are_those_of_the_enum() -> None:
    assert TaxIdProblem.MISSING.code == tax_id_digits.MISSING
    assert TaxIdProblem.CHECK_DIGITS.code == tax_id_digits.CHECK_DIGITS


def test_cpf_digits_keep_leading_zeros() -> None:
    assert "00123456797" == cpf_digits(123456797)
    assert is_cnpj("11222333000181")


@given(st.integers(0, 10**9 - 1), st.sampled_from(["{}{}{}{}", "{}.{}.{}-{}", "{}{}{}-{}", "{}.{}{}.{}", " {}{}{}{}"]))
def test_plain_cpfs_are_read_as_all_others(base: int, form: str) -> None:
    number = base * 100 + cpf_check_digits(base)
    for one in (number, number ^ 1):
        digits = f"{one:011}"
        text = form.format(digits[:3], digits[3:6], digits[6:9], digits[9:])
        if plain := plain_cpf(text):
            assert TaxId("person", plain) == parse_tax_id(text, "person")
    assert bool(plain_cpf(f"{number:011}")) == isinstance(parse_tax_id(f"{number:011}", "person"), TaxId)
