"""The population: source tables become one immutable snapshot of memory-mapped arrays, published by an atomic rename.

``build`` reads every source's latest release, links rows to entities, lets the best values survive and writes the
arrays of docs/architecture.md; ``reader`` maps them. ``training`` lets the same source tables teach the matching
model. May import ``matching`` (layout and blocking keys), ``normalise``, ``model`` and below. Deliberately absent:
source formats (that is ``loaders``), queries and scores (``matching``), anything that changes between two builds (that
is the overlay in PostgreSQL), and any per-row Python.
"""

from bureau.population.build import BuildOptions, BuildReport, build
from bureau.population.publish import Summary, list_populations, use
from bureau.population.reader import Population, current_id, open_population

__all__ = [
    "BuildOptions",
    "BuildReport",
    "Population",
    "Summary",
    "build",
    "current_id",
    "list_populations",
    "open_population",
    "use",
]
