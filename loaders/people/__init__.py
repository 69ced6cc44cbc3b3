"""People tables as they are delivered (CSV or Parquet) → the normalised source table ``people``.

Imports ``bureau.intake`` for dialects and header names, ``bureau.normalise`` for values, and the shared parts of
``loaders``. Deliberately absent: any judgement about who is the same person, and repair by guessing.
"""

from loaders.people.load import PeopleOptions, load_people

__all__ = ["PeopleOptions", "load_people"]
