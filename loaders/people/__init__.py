"""People tables as they are delivered (CSV or Parquet) → the normalised source table ``people``.

Imports ``bureau.normalise`` for values and the shared parts of ``loaders``. Deliberately absent: any judgement about
who is the same person, and repair by guessing.
"""

from loaders.people.load import load_people

__all__ = ["load_people"]
