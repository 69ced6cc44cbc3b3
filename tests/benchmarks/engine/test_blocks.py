from pathlib import Path

import numpy as np

from benchmarks.engine.blocks import heard, keys_of, sizes_by_recipe
from benchmarks.engine.measure import asked
from bureau.matching import blocking
from bureau.matching.layout import DATE
from bureau.matching.prepare import subjects
from bureau.model.query import Kind
from bureau.population import open_population


def test_named_keys_are_those_of_blocking(chain_home: Path) -> None:
    population = open_population(chain_home)
    queries = asked(chain_home / "synthetic/queries")
    prepared = subjects(queries.records, population.token_ids[Kind.PERSON])
    for row in prepared.rows:
        person = heard(row, prepared, population.people)
        name, mother = np.zeros(6, np.uint32), np.zeros(4, np.uint32)
        name[: len(person.name)], mother[: len(person.mother)] = person.name, person.mother
        sounds = blocking.Sounds(name, len(person.name), person.rarest, mother, len(person.mother))
        keys = np.zeros(40, np.uint64)
        date = int(row[DATE])
        count = blocking.second_keys(row, date, sounds, keys, blocking.person_keys(row, date, sounds, keys))
        sure = {int(blocking.sure_key(date, sounds))} if date and person.name else set()
        assert sure | set(keys[:count].tolist()) == {int(key) for _, key in keys_of(row, person)}


def test_a_known_persons_blocks_are_not_empty(chain_home: Path) -> None:
    people = open_population(chain_home).people
    own = subjects([], {})._replace(rows=people.records[:50])
    sizes = sizes_by_recipe(own, people, 50)
    assert 1 <= sizes["whole name"]["mean"]
    assert 1 <= sizes["date, first"]["p50"] <= sizes["date, first"]["p99"]
