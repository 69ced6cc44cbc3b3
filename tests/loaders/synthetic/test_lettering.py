from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.synthetic.lettering import Spelling, dates, digits, fixed, joined, null_where

EPOCH = date(1970, 1, 1)


@given(st.lists(st.integers(0, 10**11 - 1), min_size=1))
def test_digits_are_the_number_padded_with_zeros(numbers: list[int]) -> None:
    assert [f"{n:011}" for n in numbers] == fixed(digits(np.array(numbers), 11)).to_pylist()


@pytest.mark.parametrize(("pattern", "form"), [("iso", "%Y-%m-%d"), ("brazilian", "%d/%m/%Y"), ("register", "%Y%m%d")])
@given(days=st.lists(st.dates(date(1901, 1, 1), date(2100, 1, 1)), min_size=1))
def test_dates_are_written_as_the_calendar_has_them(pattern: str, form: str, days: list[date]) -> None:
    numbers = np.array([(day - EPOCH).days for day in days])
    assert [day.strftime(form) for day in days] == dates(numbers, pattern).to_pylist()  # type: ignore[arg-type]


def test_literal_text_stands_between_the_parts() -> None:
    cpf = digits(np.array([12345678909]), 11)
    assert ["123.456"] == fixed(cpf[:, :3], b".", cpf[:, 3:6]).to_pylist()


@given(st.lists(st.tuples(*[st.none() | st.text("ab", max_size=2)] * 3), min_size=1))
def test_joining_skips_the_absent_and_keeps_every_row(rows: list[tuple[str | None, ...]]) -> None:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    present = [[text for text in row if text is not None] for row in rows]
    assert [" ".join(row) if row else None for row in present] == joined(columns, " ").to_pylist()


def test_nulls_go_where_the_mask_says() -> None:
    assert ["a", None] == null_where(np.array([False, True]), pa.array(["a", "b"])).to_pylist()


def test_texts_are_spelt_in_three_ways() -> None:
    found = Spelling(["JOSÉ", "ARAÚJO"]).lettering(["JOSE DE ARAUJO", "CONCEICAO", "João Pessoa", ""])
    assert ["JOSE DE ARAUJO", "CONCEICAO", "JOAO PESSOA", None] == found.plain.to_pylist()
    assert ["JOSÉ DE ARAÚJO", "CONCEIÇÃO", "JOÃO PESSOA", None] == found.accented.to_pylist()
    assert ["José de Araújo", "Conceição", "João Pessoa", None] == found.titled.to_pylist()


def test_every_accented_text_fits_the_code_pages_of_the_files(world) -> None:  # type: ignore[no-untyped-def]
    for texts in (world.stock.units.accented, world.places.cities.titled):
        for text in filter(None, texts.to_pylist()):
            assert text == text.encode("cp1252").decode("cp1252")
            text.encode("latin-1")
