import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.normalise.text import clean, fold


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("JOSE DA SILVA", "  José  da\tSilva "),
        ("JOAO", "JOÃ£O"),
        ("JOAO", "JOÃƒO"),
        ("JOAO", "Jo\u00c3\u0083o"),
        ("CONCEICAO", "ConceiÃ§Ã£o"),
        ("IRMA DULCE", "Irmã\u00a0Dulce"),
        ("IRMA DULCE", "IRMÃ\u00a0DULCE"),
        ("D'AVILA", "D’Ávila"),
        ("SILVA-SOUZA", "Silva–Souza"),
        ("JOSE", "\x00JO\x00SE\x02"),
        ("JOSE", "JO\u200bSE\ufeff"),
        ("1A TRAVESSA", "1ª travessa"),
        ("FO", "Fº"),
        ("JO?O", "JO\ufffdO"),
        ("STRASSE OE AE", "Straße Œ æ"),
    ],
)
def test_clean_reads(expected: str, text: str) -> None:
    assert expected == clean(text)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "   ",
            "\u00a0",
            "-",
            "***",
            ".",
            "N/A",
            "n/d",
            "#N/D",
            "#N/A",
            "#NULO#",
            "#NE#",
            "-1",
            "-3",
            "NULL",
            "nan",
        ],
        *[
            "não informada",
            "NAO INFORMADO",
            "Não Consta",
            "NAO TEM",
            "NÃO POSSUI",
            "IGNORADA",
            "ignorado",
            "Desconhecida",
        ],
        *["SEM NOME", "SEM INFORMAÇÃO", "XXXXX", "xxx xx", "MÃE NÃO DECLARADA", "NAO INFORMADO.", "(não informado)"],
        *["#REF!", "#VALOR!", "#NOME?", "#DIV/0!", "NENHUM", "ISENTO", "-" * 100],
    ],
)
def test_missing_words_are_none(text: str) -> None:
    assert clean(text) is None


@pytest.mark.parametrize(
    "text", ["NAIR", "SEMIRAMIS", "XAVIER", "NADA", "0", "1", "X1", "IGNACIA", "DIVA", "NULO SILVA"]
)
def test_real_words_are_not_missing(text: str) -> None:
    assert text == clean(text)


@given(st.text(max_size=60))
def test_folded_text_is_upper_case_ascii_with_single_blanks(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.upper()
    assert folded == " ".join(folded.split())
    assert folded.isprintable()


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(text) == fold(fold(text))


LETTERS = st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F, exclude_characters="ÃãÂâ")  # may be mojibake


@given(st.text(LETTERS, min_size=1, max_size=20))
def test_accents_composed_or_not_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_a_megabyte_of_accents_costs_linear_time() -> None:
    # Alternating combining classes are the worst case of canonical ordering, which is quadratic.
    bomb = "a" + "\u0301\u0323" * 250_000
    started = time.process_time()
    assert "A" == clean(bomb)
    assert time.process_time() - started < 2.0
