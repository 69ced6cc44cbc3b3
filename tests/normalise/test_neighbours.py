import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.normalise.check_digits import cnpj_check_digits, cpf_check_digits, is_cpf
from bureau.normalise.documents import cnpj_text
from bureau.normalise.neighbours import cnpj_neighbours, cpf_neighbours, is_slip, near_cpfs

compiling = settings(deadline=None)  # the first call compiles
SERIALS = st.integers(1, 10**9 - 1).filter(lambda base: is_cpf(base * 100 + cpf_check_digits(base)))


def digits(base: int) -> str:
    return f"{base:09d}{cpf_check_digits(base):02d}"


@compiling
@given(SERIALS, st.integers(0, 10), st.integers(1, 9))
def test_a_wrong_digit_is_found_again(base: int, place: int, off: int) -> None:
    true = digits(base)
    typed = true[:place] + str((int(true[place]) + off) % 10) + true[place + 1 :]
    assert int(true) in cpf_neighbours(typed)


@compiling
@given(st.lists(st.none() | st.text("0123456789", min_size=10, max_size=12), max_size=6))
def test_a_column_has_the_neighbours_of_each(typed: list[str | None]) -> None:
    offsets, near = near_cpfs(np.array([int(f"1{text}") if text else 0 for text in typed], np.int64))
    bounds = itertools.pairwise(offsets.tolist())
    found = [tuple(near[start:end].tolist()) for start, end in bounds]
    assert [cpf_neighbours(text) if text else () for text in typed] == found


@compiling
@given(SERIALS, st.integers(0, 10), st.integers(1, 9))
def test_a_slip_is_known_as_one(base: int, place: int, off: int) -> None:
    true = digits(base)
    typed = true[:place] + str((int(true[place]) + off) % 10) + true[place + 1 :]
    assert is_slip(int(f"1{typed}"), int(true))
    assert not is_slip(int("1" + "0" * 11), int(true)) or int(true) in cpf_neighbours("0" * 11)


@compiling
@given(SERIALS, st.integers(0, 9))
def test_swapped_missing_and_extra_digits_are_found_again(base: int, place: int) -> None:
    true = digits(base)
    swapped = true[:place] + true[place + 1] + true[place] + true[place + 2 :]
    assert swapped == true or int(true) in cpf_neighbours(swapped)
    assert int(true) in cpf_neighbours(true[:place] + true[place + 1 :])
    assert int(true) in cpf_neighbours(true[:place] + "7" + true[place:])


@settings(max_examples=20, deadline=None)
@given(st.text("0123456789", min_size=11, max_size=11))
def test_neighbours_are_exactly_the_valid_numbers_one_substitution_or_swap_away(typed: str) -> None:
    slow = {
        int(typed[:i] + c + typed[i + 1 :])
        for i, c in itertools.product(range(11), "0123456789")
        if c != typed[i] and is_cpf(int(typed[:i] + c + typed[i + 1 :]))
    }
    slow |= {
        int(swapped)
        for i in range(10)
        if (swapped := typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :]) != typed and is_cpf(int(swapped))
    }
    assert sorted(slow) == list(cpf_neighbours(typed))


@compiling
@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 13), st.integers(1, 9))
def test_a_cnpj_with_a_wrong_digit_is_found_again(base: str, place: int, off: int) -> None:
    true = base + cnpj_check_digits(base)
    typed = true[:place] + str((int(true[place]) + off) % 10) + true[place + 1 :]
    assert len(set(true)) == 1 or int(base, 36) in cnpj_neighbours(typed)


def test_letters_are_tried_only_where_a_letter_was_typed() -> None:
    true = int("12ABC34501DE", 36)
    assert true in cnpj_neighbours("12ABC3450IDE35")
    assert all(cnpj_text(number).isdecimal() for number in cnpj_neighbours("11222333000182"))


def test_what_is_too_far_off_has_no_neighbours() -> None:
    assert () == cpf_neighbours("123")
    assert () == cpf_neighbours("")
    assert () == cnpj_neighbours("١٢٣٤٥٦٧٨٩٠١٢٣")  # no ASCII digits
