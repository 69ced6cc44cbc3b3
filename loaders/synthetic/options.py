"""What a run of the generator is asked for and what it answers."""

from collections.abc import Callable
from datetime import date
from typing import Literal

import msgspec

from bureau.errors import InvalidArgument

LARGEST = 20_000_000
"""Of people and of companies: beyond it unique document numbers would run out (see ``documents``)."""

MOST_SOURCES = 5


class SyntheticOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``people`` is how many the sources hold between them, exactly; ``companies`` is 30 % of that unless given.

    Of ``queries``, ``absent_share`` are people whom no source holds. ``progress`` is called with people done, in all.
    """

    people: int = 200_000
    companies: int | None = None
    sources: int = 3
    queries: int = 5_000
    absent_share: float = 0.25
    seed: int = 1
    reference_date: date = date(2026, 11, 1)
    people_format: Literal["csv", "parquet"] = "csv"
    progress: Callable[[int, int], None] | None = None

    @property
    def company_count(self) -> int:
        return self.people * 3 // 10 if self.companies is None else self.companies

    @property
    def absent(self) -> int:
        return round(self.queries * self.absent_share)

    def check(self) -> None:
        """Raise :class:`InvalidArgument` for what cannot be generated."""
        if not 1 <= self.people <= LARGEST:
            raise InvalidArgument(f"people must be between 1 and {LARGEST:,}.")
        if not 0 <= self.company_count <= LARGEST:
            raise InvalidArgument(f"companies must be between 0 and {LARGEST:,}.")
        if not 1 <= self.sources <= MOST_SOURCES:
            raise InvalidArgument(f"sources must be between 1 and {MOST_SOURCES}.")
        if not 0 <= self.queries <= self.people:
            raise InvalidArgument("queries must be between 0 and the number of people.")
        if not 0 <= self.absent_share <= 1:
            raise InvalidArgument("absent_share must be between 0 and 1.")
        if self.seed < 0:
            raise InvalidArgument("seed must not be negative.")
        if self.reference_date.year < 2026:
            raise InvalidArgument("reference_date must be in 2026 or later: the sources are of the years before.")


class SyntheticSummary(msgspec.Struct, frozen=True):
    """What was written; ``source_rows`` counts the data rows of each people file."""

    people: int
    source_rows: dict[str, int]
    companies: int
    establishments: int
    partners: int
    queries: int
    absent_queries: int
    seconds: float
