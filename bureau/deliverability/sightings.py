"""How much surer a verdict becomes for when, and by how many sources, the contact was seen."""

from functools import lru_cache

import msgspec

from bureau.evidence import Evidence, Ledger, bits

RECENT = 365
"""Days."""
_LONG_AGO_BITS = -0.5


class Sighting(msgspec.Struct, frozen=True):
    """How the population knows the contact: days since last seen (``None``: unknown) and number of sources."""

    age_days: int | None = None
    sources: int = 1


@lru_cache(maxsize=131_072)  # few distinct sightings, and logarithms are the dearest part of a verdict
def moved(base: float, age_days: int | None, sources: int, worth: float) -> tuple[tuple[Evidence, ...], float]:
    """A confidence of ``base`` after one sighting, and the rows that moved it. ``worth``: bits that a recent day, and
    again a second source, are worth."""
    ledger = Ledger(bits(base))
    if age_days is not None:
        ledger.add(f"last seen: {age_days} days ago", worth if age_days <= RECENT else _LONG_AGO_BITS)
    ledger.add(f"sources: {sources}", worth if sources >= 2 else 0.0)
    return tuple(ledger.rows), ledger.probability


def alike(age_days: int | None, sources: int) -> tuple[int | None, int]:
    """One sighting in the place of all that move a confidence as much as it does: last seen within ``RECENT`` days or
    not, by one source or more. So few cases need remembering, not one for each age."""
    return None if age_days is None else 0 if age_days <= RECENT else RECENT + 1, min(sources, 2)
