"""Rows of one entity as plain tuples: what NumPy reads, read another way."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bureau.model.query import Kind
from bureau.model.snapshot import ADDRESS, AFFILIATION, CLAIM, COMPANY_FACTS
from bureau.population import open_population
from bureau.population.lists import Lists, Texts


@pytest.mark.parametrize("dtype", [CLAIM, ADDRESS, AFFILIATION, COMPANY_FACTS])
def test_rows_are_read_as_numpy_reads_them(dtype: np.dtype[Any]) -> None:
    values = np.frombuffer(np.random.default_rng(1).bytes(7 * dtype.itemsize), dtype)
    offsets = np.array([0, 3, 3, 7], np.uint32)
    lists = Lists(values, offsets)
    for entity, (start, end) in enumerate([(0, 3), (3, 3), (3, 7)]):
        np.testing.assert_equal(lists.of(entity), values[start:end].tolist())
    assert [values[0][2], 0, values[3][2]] == [lists.first(entity, 2) for entity in range(3)]


def test_a_register_without_rows_has_empty_lists() -> None:
    lists = Lists(np.zeros(0, CLAIM), np.zeros(2, np.uint32))
    assert ([], 0) == (lists.of(0), lists.first(0, 0))


def test_texts_are_cut_at_their_offsets() -> None:
    texts = Texts(np.frombuffer("ruaSão".encode(), np.uint8), np.array([0, 0, 3, 7], np.int64))
    assert ["", "rua", "São"] == [texts[row] for row in range(3)]


def test_a_population_shows_the_same_both_ways(built_home: Path) -> None:
    population = open_population(built_home)
    for kind in Kind:
        held = population.held[kind]
        for entity in range(len(population.register(kind).tax_id)):
            assert population.phones(kind, entity).tolist() == held.phones.of(entity)
            assert population.emails(kind, entity).tolist() == held.emails.of(entity)
            assert population.addresses(kind, entity).tolist() == held.addresses.of(entity)
    people = range(len(population.people.tax_id))
    assert [population.affiliations(e).tolist() for e in people] == [population.affiliated.of(e) for e in people]
