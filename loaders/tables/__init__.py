"""What tables of people and of companies have in common: opening, reading in batches, shared columns, one release.

Imports ``bureau.intake`` for dialects and header names, ``bureau.normalise`` for values, and the shared parts of
``loaders``. Deliberately absent: what is particular to one kind of row (``loaders.people``, ``loaders.companies``).
"""

from loaders.tables.load import TableOptions

__all__ = ["TableOptions"]
