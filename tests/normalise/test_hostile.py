"""A cell may hold a very long run of anything: every function answers, in time that grows no faster than the length."""

import time
from collections.abc import Callable
from datetime import date

import pytest

from bureau.normalise.addresses import complement, district, house_number, municipality, postal_code, street
from bureau.normalise.companies import company_name
from bureau.normalise.dates import parse_date
from bureau.normalise.documents import parse_tax_id
from bureau.normalise.emails import parse_email, split_emails
from bureau.normalise.names import person_name
from bureau.normalise.neighbours import cnpj_neighbours, cpf_neighbours
from bureau.normalise.phones import parse_phone, split_phones
from bureau.normalise.text import clean

LENGTH = 100_000
UNITS = [
    *["a", " ", "0", "1", "-", "/", ".", "@", "<", "<@", ",", "(", "S", "N", "*", "'", "#", "A.", "1/", "E+", "E "],
    *["LTDA ", "DE ", " R 1", "\t@", "\u0301\u0323", "Ã£", "\x00", "\u00a0", "\ufdfa"],  # U+FDFA is 18 letters in NFKD
]
FUNCTIONS: list[Callable[[str], object]] = [
    *(clean, person_name, company_name, parse_tax_id, parse_phone, split_phones, parse_email, split_emails),
    *(street, house_number, complement, district, postal_code, cpf_neighbours, cnpj_neighbours),
    lambda text: parse_date(text, date(2026, 11, 22)),
    lambda text: municipality(text, "SP"),
    lambda text: municipality("SAO PAULO", text),
]


@pytest.mark.parametrize("unit", UNITS)
def test_long_cells_are_read_in_linear_time(unit: str) -> None:
    text = (unit * (LENGTH // len(unit)))[:LENGTH]
    for function in FUNCTIONS:
        for cell in (text, f"x{text}x"):
            started = time.process_time()
            function(cell)
            assert time.process_time() - started < 2.0
