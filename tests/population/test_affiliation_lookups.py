"""What affiliations are looked up by: head offices and the visible digits of masked CPFs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bureau.matching.layout import NO_TAX_ID
from bureau.matching.posterior import ORDERS
from bureau.population.affiliations import by_visible_digits, head_offices

tax_ids = st.builds(
    lambda hidden, digits, check: (hidden * 10**6 + digits) * 100 + check,
    st.integers(1, 999), st.integers(1, 3), st.integers(0, 99),
)  # fmt: skip


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=12), st.integers(0, 2))
def test_the_head_office_is_the_first_of_its_root_that_is_one(rows: list[tuple[int, bool]], unknown: int) -> None:
    roots = sorted(root for root, _ in rows)
    tax_id = [root * ORDERS + i for i, root in enumerate(roots)] + [NO_TAX_ID] * unknown
    heads = np.array([head for _, head in rows] + [False] * unknown, np.uint8)
    expected = []
    for i, number in enumerate(tax_id):
        own = [j for j, n in enumerate(tax_id) if n // ORDERS == number // ORDERS] if number != NO_TAX_ID else [i]
        expected.append(next((j for j in own if heads[j]), own[0]))
    assert expected == head_offices(np.array(tax_id, np.int64), heads).tolist()


@given(st.lists(tax_ids, max_size=30))
def test_people_are_found_by_visible_digits(numbers: list[int]) -> None:
    first, order = by_visible_digits(np.array(sorted(numbers), np.int64))
    for digits in (0, 1, 2, 3, 999_999):
        expected = [e for e, number in enumerate(sorted(numbers)) if number // 100 % 10**6 == digits]
        assert expected == order[first[digits] : first[digits + 1]].tolist()
