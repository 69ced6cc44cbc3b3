"""FEBRL 1 to 3 merged by ``bureau build``: are the rows of one person one entity afterwards?

python -m benchmarks.accuracy.merges
"""

import itertools
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.accuracy.febrl import SOURCE, Adapter, merge_set
from benchmarks.accuracy.measures import merge_quality
from bureau.population import build, open_population
from bureau.population.training import train

SETS = (1, 2, 3)
HALVES = (0, 1)  # every other record: `bureau train` learns from rows of different sources


def merges() -> dict[str, dict[str, float]]:
    """Pairwise quality of each set, printed and returned."""
    found = {}
    for number, trained in itertools.product(SETS, (False, True)):
        quality = merge_quality(*_built(number, trained=trained))
        name = f"FEBRL {number} merged" + (" after bureau train" if trained else "")
        print(f"{name:32} precision {quality.precision:.5f}, recall {quality.recall:.5f}, F1 {quality.f1:.5f}")
        found[name] = quality._asdict()
    return found


def _built(number: int, *, trained: bool) -> tuple[list[int], list[int]]:
    """The entity of every row, and the original it is a copy of."""
    records, originals = merge_set(number)
    adapter, entity = Adapter(records, repeated=True), np.empty(len(records), np.int64)
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        for half in HALVES:
            mine = records.take(np.arange(half, len(records), len(HALVES)))
            adapter.write_source(home, mine, f"{SOURCE}_{half}")
        if trained:
            train(home)
        build(home)
        lineage = open_population(home).directory / "lineage" / "people"
        for half in HALVES:
            rows, entities = (np.load(lineage / f"{SOURCE}_{half}_{column}.npy") for column in ("rows", "entities"))
            entity[(rows - 1) * len(HALVES) + half] = entities
    return entity.tolist(), originals.tolist()


if __name__ == "__main__":
    merges()
