"""Records as clients send them → canonical records, repairs and refusals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.errors import InvalidRecord
from bureau.model.canonical import TaxEvidence
from bureau.model.query import Address, Kind, Record
from bureau.normalise.record import canonical, house_code

TODAY = date(2026, 11, 22)


def test_a_record_is_read_field_by_field() -> None:
    found = canonical(
        Record(
            name="José da Silva Fº",
            tax_id="529.982.247-25",
            birth_date="28/02/1980",
            sex="masculino",
            mother_name="Maria D'Ávila",
            phones=["11 8765-4321"],
            emails=["Jose@Gmail.com"],
            address=Address(city="São Paulo", state="SP", postal_code="01310-100", number="1.000-A"),
        ),
        TODAY,
    )
    assert ("JOSE", "SILVA") == found.name
    assert ("MARIA", "DAVILA") == found.mother
    assert TaxEvidence(valid=52998224725) == found.tax
    assert (19800228, 1, 1310100) == (found.date, found.sex, found.postal_code)
    assert ((0, 11987654321),) == found.phones
    assert ((0, "jose@gmail.com"),) == found.emails
    assert {"birth_date", "phones[0]"} == {repair.field for repair in found.repairs}


@pytest.mark.parametrize(
    ("record", "pointer", "said"),
    [
        (Record(name="Ana Lima", tax_id="1" * 40), "/tax_id", "too long"),
        (Record(name="Ana Lima", tax_id="ABC"), "/tax_id", "no number"),
        (Record(name="Ana Lima", tax_id="11.222.333/0001-81"), "/tax_id", "other kind"),
        (Record(name="Ana Lima", birth_date="2030-01-01"), "/birth_date", "in the future"),
        (Record(name="Ana Lima", birth_date="31/02/1980"), "/birth_date", "does not exist"),
        (Record(name="Ana Lima", birth_date="ontem"), "/birth_date", "YYYY-MM-DD"),
        (Record(name="N/A"), "", "to search by"),
    ],
)
def test_the_unusable_is_refused_with_its_pointer_and_in_words(record: Record, pointer: str, said: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        canonical(record, TODAY)
    assert pointer == refused.value.pointer
    assert said in str(refused.value)
    assert "_" not in str(refused.value)


def test_a_row_of_a_file_keeps_what_is_usable() -> None:
    found = canonical(Record(name="Ana Lima", tax_id="1.23E+10", birth_date="99/99/9999"), TODAY, lenient=True)
    assert (None, 0) == (found.tax, found.date)
    assert {"tax_id", "birth_date"} == {repair.field for repair in found.repairs}


@pytest.mark.parametrize("typed", ["52998224726", "529982247255", "5299822472", "25998224725"])
def test_a_broken_cpf_names_its_neighbours(typed: str) -> None:
    found = canonical(Record(name="Ana Lima", tax_id=typed), TODAY)
    assert found.tax is not None
    assert 52998224725 in (found.tax.near or ())


def test_a_cpf_with_a_digit_too_many_that_reads_as_a_cnpj_is_still_a_slip() -> None:
    # 12 digits whose zero-padded form has a CNPJ's check digits
    typed = next(
        text
        for base in range(10**9, 10**9 + 500)
        for digit in "0123456789"
        if (text := f"{base}{digit}7") and _reads_as_company(text)
    )
    assert canonical(Record(kind=Kind.PERSON, name="Ana Lima", tax_id=typed), TODAY).tax is not None


def _reads_as_company(text: str) -> bool:
    from bureau.normalise.documents import TaxIdProblem, parse_tax_id

    return parse_tax_id(text, "person") is TaxIdProblem.WRONG_KIND


def test_ten_digits_may_lack_a_zero_or_any_other_digit() -> None:
    lost = canonical(Record(name="Ana Lima", tax_id="1234567890"), TODAY).tax  # 01234567890 is valid
    assert lost is not None
    assert lost.valid is None
    assert {1234567890} < set(lost.near or ())


def test_house_numbers_are_their_leading_digits() -> None:
    assert [0, 12, 1000, 0] == [house_code(text) for text in ("S/N", "12-A", "1.000", None)]


@given(st.text("0123456789", max_size=8) | st.sampled_from(["S/N", "12-A", "KM 3", "", "000", "\u0661\u0662"]))
def test_plain_house_numbers_are_coded_as_all_others(text: str) -> None:
    assert house_code(text + "\u200b") == house_code(text)
