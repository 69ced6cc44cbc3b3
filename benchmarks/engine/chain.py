"""A population through the whole chain: generated files, loaded as sources, built; with labelled queries beside it.

    python -m benchmarks.engine.chain PEOPLE HOME

What is complete already is kept.
"""

import sys
from pathlib import Path

from bureau.population import BuildOptions, build, current_id
from loaders.people import load_people
from loaders.synthetic import SyntheticOptions, generate
from loaders.tables import TableOptions

QUERIES = 20_000
_COMPANIES = 1_000  # nobody looks companies up here
SEED = 11


def options(people: int) -> SyntheticOptions:
    """The same households, names and damage at every size; only their number differs."""
    queries = min(QUERIES, people // 4)
    return SyntheticOptions(people=people, companies=_COMPANIES, queries=queries, seed=SEED, people_format="parquet")


def prepare(people: int, home: Path) -> Path:
    """A home with a population of ``people`` in use; answers the directory of its labelled queries."""
    files = home / "synthetic"
    if not (files / "queries" / "truth.csv").exists():
        generate(files, options(people))
    if not (home / "sources").exists():
        load_people(sorted((files / "people").glob("*.parquet")), home, TableOptions())
    if current_id(home) is None:
        build(home, BuildOptions())
    return files / "queries"


if __name__ == "__main__":
    prepare(int(sys.argv[1]), Path(sys.argv[2]))
