"""How well ``bureau build`` puts the rows of one person together: pairs of rows, against the generator's truth.

``python benchmarks/loaders/linking.py HOME TRUTH`` prints one JSON line for the population in use; TRUTH is the
``truth/people.parquet`` beside the files that the home was loaded from.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bureau.population import Population, open_population

Numbers = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("truth", type=Path)
    arguments = parser.parse_args()
    people, entities = people_and_entities(open_population(arguments.home), arguments.truth)
    print(json.dumps(quality(people, entities)))


def people_and_entities(population: Population, truth: Path) -> tuple[Numbers, Numbers]:
    """Of every row whose person is known: the person, and the entity it became."""
    column = pq.read_table(truth, columns=["person_id", "rows"])
    rows = column["rows"].combine_chunks()
    person = np.repeat(column["person_id"].to_numpy(), np.diff(rows.offsets.to_numpy()))
    flat = rows.flatten()
    sources = flat.field("source").to_numpy(zero_copy_only=False)
    people, entities = list[Numbers](), list[Numbers]()
    for source in np.unique(sources):
        mine, lineage = sources == source, population.directory / "lineage" / "people"
        known, became = (np.load(lineage / f"{source}_{name}.npy") for name in ("rows", "entities"))
        asked = flat.field("row").to_numpy()[mine]
        place = np.searchsorted(known, asked).clip(max=len(known) - 1)
        held = known[place] == asked
        people.append(person[mine][held].astype(np.int64))
        entities.append(became[place[held]].astype(np.int64))
    return np.concatenate(people), np.concatenate(entities)


def quality(people: Numbers, entities: Numbers) -> dict[str, float]:
    """``mixed`` counts entities with rows of several people, ``split`` people with several entities."""
    right = _pairs(people << 32 | entities)
    linked, true = _pairs(entities), _pairs(people)
    both = np.unique(people << 32 | entities)
    return {
        "rows": len(people),
        "people": len(np.unique(people)),
        "entities": len(np.unique(entities)),
        "mixed": int((np.unique(both & 0xFFFFFFFF, return_counts=True)[1] > 1).sum()),
        "split": int((np.unique(both >> 32, return_counts=True)[1] > 1).sum()),
        "precision": right / linked,
        "recall": right / true,
        "f1": 2 * right / (linked + true),
    }


def _pairs(groups: Numbers) -> int:
    counts = np.unique(groups, return_counts=True)[1].astype(np.int64)
    return int((counts * (counts - 1) // 2).sum())


if __name__ == "__main__":
    main()
