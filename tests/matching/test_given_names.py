"""Second given names: MARIA CLARA is not MARIA LUIZA, but CLARA may be written CLRA and a surname may be left out."""

import numpy as np
import pytest

from bureau.matching.given_names import second_names_differ
from bureau.matching.layout import BlockIndex, Register, Vocabulary
from bureau.normalise.names import sound_code

GIVEN = ["MARIA", "CLARA", "LUIZA", "JOAO"]
OTHERS = ["CLRA", "PRADO", "NUNES"]
TOKENS = ["", *GIVEN, *OTHERS]


def differ(*names: list[str]) -> bool:
    """Of two entities, each with all its names but for the last argument's, which is the second one's only name."""
    letters = np.zeros((len(TOKENS), 16), np.uint8)
    for row, token in enumerate(TOKENS):
        letters[row, : len(token)] = list(token.encode())
    vocabulary = Vocabulary(
        letters,
        np.array([len(token) for token in TOKENS], np.uint8),
        np.array([sound_code(token) if token else 0 for token in TOKENS], np.uint32),
        np.array([100 if token in GIVEN else 0 for token in TOKENS], np.uint32),
        np.array([300 if token else 0 for token in TOKENS], np.uint32),
    )
    records = np.zeros((len(names), 16), np.int32)
    for record, name in zip(records, names, strict=True):
        record[: len(name)] = [TOKENS.index(token) for token in name]
    none = np.zeros(0, np.uint32)
    index = BlockIndex(none, none, none, none)
    first_record = np.array([0, len(names) - 1, len(names)], np.uint32)
    register = Register(records, first_record, np.zeros(2, np.int64), vocabulary, index, index)
    return bool(second_names_differ(register, np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("MARIA CLARA PRADO", "MARIA LUIZA PRADO", True),
        ("MARIA CLARA PRADO", "MARIA PRADO", True),
        ("MARIA PRADO", "MARIA CLARA PRADO", True),
        ("MARIA CLARA PRADO", "MARIA CLRA PRADO", False),
        ("MARIA PRADO NUNES", "MARIA NUNES", False),
        ("MARIA CLARA PRADO", "CLARA PRADO", False),
        ("MARIA CLARA", "MARIA PRADO", False),
        ("MARIA CLARA PRADO", "MARIA CLARA NUNES", False),
        ("MARIA CLARA PRADO", "", False),
    ],
)
def test_a_second_given_name_that_only_one_has(one: str, other: str, expected: bool) -> None:
    assert expected == differ(one.split(), other.split())


def test_one_record_that_fits_is_enough() -> None:
    assert not differ(["MARIA", "CLARA", "PRADO"], ["MARIA", "PRADO"], ["MARIA", "PRADO"])
