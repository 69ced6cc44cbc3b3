"""FEBRL 1 to 3 merged by ``bureau build``: are the rows of one person one entity afterwards?

python -m benchmarks.accuracy.merges
"""

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.accuracy.febrl import SOURCE, Adapter, merge_set, only_repeated_identifiers
from benchmarks.accuracy.measures import merge_quality
from bureau.population import build, open_population

SETS = (1, 2, 3)


def merges() -> dict[str, dict[str, float]]:
    """Pairwise quality of each set, printed and returned."""
    found = {}
    for number in SETS:
        quality = merge_quality(*_built(number))
        print(
            f"FEBRL {number} merged: precision {quality.precision:.5f} recall {quality.recall:.5f} F1 {quality.f1:.5f}"
        )
        found[f"febrl{number}"] = quality._asdict()
    return found


def _built(number: int) -> tuple[list[int], list[int]]:
    """The entity of every row, and the original it is a copy of."""
    records, originals = merge_set(number)
    records = only_repeated_identifiers(records)
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        Adapter(records).write_source(home)
        build(home)
        lineage = open_population(home).directory / "lineage" / "people"
        rows, entities = (np.load(lineage / f"{SOURCE}_{column}.npy") for column in ("rows", "entities"))
    return entities.tolist(), originals[rows - 1].tolist()


if __name__ == "__main__":
    merges()
