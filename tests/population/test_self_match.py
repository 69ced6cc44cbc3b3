"""The preliminary register and what the engine finds in it, on a small population with and without tax ids."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bureau.matching.blocking import EMAIL, PHONE, claim_keys, record_keys
from bureau.matching.engine import no_matches
from bureau.matching.given_names import second_names_differ
from bureau.matching.layout import ENTITY, NO_TAX_ID
from bureau.matching.model import default_model
from bureau.population.entities import Entities
from bureau.population.intern import Interner
from bureau.population.link import Links
from bureau.population.people import read_people
from bureau.population.preliminary import Preliminary, preliminary
from bureau.population.register import entities_of, house_numbers, rank_tokens, traits_of
from bureau.population.rows import Rows, SourceNames
from bureau.population.self_match import Likenesses, likenesses, others
from bureau.population.sources import releases_in_use
from bureau.population.verify import postings_of

PEOPLE = 300


class Small(NamedTuple):
    rows: Rows
    entities: Entities
    searched: Preliminary
    alike: Likenesses


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, fill_home: Callable[[Path, int], Path]) -> Small:
    """Nothing is linked, so that every row of the second source (no tax ids) resembles one of the first."""
    home, vocabulary, texts = fill_home(tmp_path_factory.mktemp("small"), PEOPLE), Interner(), Interner()
    rows, _ = read_people(releases_in_use(home), SourceNames(), vocabulary, texts)
    tokens = rank_tokens(rows, vocabulary)
    apart = Links(np.arange(len(rows), dtype=np.uint32), np.zeros(len(rows), np.bool_))
    entities = entities_of(rows, apart)
    traits = traits_of(rows, house_numbers(*texts.heap()))
    searched = preliminary(rows, tokens, entities, traits, home / "preliminary")
    return Small(rows, entities, searched, likenesses(rows, entities, searched, default_model("people")))


def test_the_undecided_are_the_records_without_tax_id(small: Small) -> None:
    register = small.searched.register
    known = register.tax_id[register.records[:, ENTITY]] != NO_TAX_ID
    assert ([True] * PEOPLE, [False] * (PEOPLE // 2)) == (known[:PEOPLE].tolist(), known[PEOPLE:].tolist())
    assert PEOPLE == small.searched.undecided


def test_every_key_of_the_undecided_finds_all_who_share_it(small: Small) -> None:
    register, rows, entities = small.searched.register, small.rows, small.entities
    owned = register.tax_id[register.records[:, ENTITY]]
    pairs = list(zip(*record_keys(register.records, owned, register.vocabulary, people=True), strict=True))
    for ends, values, recipe in ((rows.phone_ends, rows.phones, PHONE), (rows.email_ends, rows.emails, EMAIL)):
        owners = np.repeat(register.first_record[entities.of_row], np.diff(ends, prepend=0))
        pairs += zip(claim_keys(values.astype(np.uint64), recipe), owners, strict=True)
    filed = defaultdict[int, set[int]](set)
    for key, record in pairs:
        filed[int(key)].add(int(record))
    asked = {key: records for key, records in filed.items() if max(records) >= small.searched.undecided}
    assert len(asked) > PEOPLE
    assert asked == {key: set(postings_of(register.blocks, key).tolist()) for key in asked}
    assert len(register.blocks.fingerprints) < len(filed)


def test_everybody_seen_twice_is_found_and_nobody_finds_themselves(small: Small) -> None:
    row = small.entities.order  # one row an entity
    found = {
        (int(row[low]), int(row[high]))
        for low, high, bits in zip(small.alike.low, small.alike.high, small.alike.bits, strict=True)
        if bits > 10
    }
    first = {int(number): at for at, number in enumerate(small.rows.row[: PEOPLE // 2])}
    # The "later" source is read first; its row n is the registry's row 2n - 1.
    expected = {(PEOPLE // 2 + 2 * (number - 1), at) for number, at in first.items()}
    assert expected == found
    assert (small.alike.low < small.alike.high).all()


def test_nobody_has_another_second_name_in_rows_that_were_copied(small: Small) -> None:
    alike = small.alike
    sure = alike.bits > 10
    assert not second_names_differ(small.searched.register, alike.low[sure], alike.high[sure]).any()


def test_what_is_beyond_the_best_ten_counts_as_the_tenth() -> None:
    matches = no_matches(1)
    matches.entity[0] = [7, *range(9)]
    matches.entity[0, 8] = 20
    matches.score[0] = [40.0, 12.0, 5.0, 0.0, -1.0, -2.0, -3.0, -3.0, -3.0, -4.0]
    matches.considered[0] = 13
    found = others(np.array([7], np.int32), matches)
    assert [(7, 0, 12.0), (7, 1, 5.0), (7, 2, 0.0)] == list(
        zip(found.entity.tolist(), found.other.tolist(), found.bits.tolist(), strict=True)
    )
    assert [2**-1 + 2**-2 + 3 * 2**-3 + 2**-4 + 3 * 2**-4] == found.rest.tolist()
