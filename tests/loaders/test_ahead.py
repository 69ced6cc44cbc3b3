"""Reading ahead changes when items are made, never which."""

from collections.abc import Generator

import pytest

from loaders.ahead import read_ahead


def counting(made: list[int], upto: int) -> Generator[int, None, None]:
    try:
        for number in range(upto):
            made.append(number)
            yield number
        raise ValueError("at the end")
    finally:
        made.append(-1)


def test_items_and_errors_come_in_order() -> None:
    items = read_ahead(counting([], 3))
    assert [0, 1, 2] == [next(items), next(items), next(items)]
    with pytest.raises(ValueError, match="at the end"):
        next(items)


def test_no_more_than_one_item_is_made_ahead_and_the_source_is_closed() -> None:
    made: list[int] = []
    items = read_ahead(counting(made, 100))
    assert [0, 1] == [next(items), next(items)]
    items.close()
    assert [0, 1, 2, -1] == made
