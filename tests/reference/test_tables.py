from collections.abc import Callable, Sized
from pathlib import Path

import numpy as np
import pytest

import bureau.reference
from bureau.reference import addresses, emails, names, register


@pytest.mark.parametrize(
    ("expected", "table"),
    [
        (64_459, names.first_names_by_decade),
        (18_960, names.first_names_by_sex),
        (2_303, names.surnames),
        (9_803, names.phonetic_groups),
        (47, names.token_variants),
        (68, emails.email_providers),
        (128, emails.email_domain_typos),
        (8_335, emails.disposable_email_domains),
        (1_359, register.activities),
        (63, register.registration_reasons),
        (5_572, register.register_municipalities),
        (91, register.legal_natures),
        (255, register.countries),
        (68, register.qualifications),
    ],
)
def test_tables_are_whole_and_read_once(expected: int, table: Callable[[], Sized]) -> None:
    assert expected == len(table())
    assert table() is table()


def test_first_names_carry_all_decades() -> None:
    assert {len(names.DECADES)} == {len(name.bearers) for name in names.first_names_by_decade()}


def test_accents_survived_the_conversion() -> None:
    assert "Não informada" == register.qualifications()["00"]


def test_every_data_file_names_its_origin() -> None:
    folder = Path(bureau.reference.__file__).parent
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    data = {path.name for path in folder.iterdir() if path.suffix in {".csv", ".txt"}}
    assert set() == {name for name in data if name not in sources}


def test_abbreviations_are_apart_by_context() -> None:
    assert "AVENIDA" == addresses.address_abbreviations("type")["AV"]
    assert "CORONEL" == addresses.address_abbreviations("name")["CEL"]
    assert "AV" not in addresses.address_abbreviations("name")


def test_the_share_of_women_by_first_name() -> None:
    called = ["", "LUCIANA", "OSVALDO", "DARCI", "ZZZ"]
    letters = np.array([list(name.encode().ljust(16, b"\0")) for name in called], np.uint8)
    nobody, woman, man, either, unheard = names.shares_of_women(letters).tolist()
    assert 0 == nobody == unheard
    assert woman > 0.99
    assert man < 0.01
    assert 0.3 < either < 0.4
