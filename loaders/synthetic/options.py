"""What a run of the generator is asked for and what it answers."""

from collections.abc import Callable
from datetime import date

import msgspec

from bureau.errors import InvalidArgument

LARGEST = 30_000_000
"""More people than this would exhaust the CPF serials that begin with 0 (see ``documents``)."""


class SyntheticOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``people`` is how many the sources hold between them, exactly; ``companies`` is 30 % of that unless given.

    Of ``queries``, ``absent_share`` are people whom no source holds. ``people_format`` is ``csv`` or ``parquet``.
    ``progress`` is called with (people done, people in all).
    """

    people: int = 200_000
    companies: int | None = None
    sources: int = 3
    queries: int = 5_000
    absent_share: float = 0.25
    seed: int = 1
    reference_date: date = date(2026, 11, 1)
    people_format: str = "csv"
    progress: Callable[[int, int], None] | None = None

    @property
    def company_count(self) -> int:
        return self.people * 3 // 10 if self.companies is None else self.companies

    @property
    def absent(self) -> int:
        return round(self.queries * self.absent_share)

    def check(self) -> None:
        """Raise :class:`InvalidArgument` for an impossible combination."""
        if not 1 <= self.people <= LARGEST:
            raise InvalidArgument(f"people must be between 1 and {LARGEST}")
        if not 0 <= self.company_count <= LARGEST:
            raise InvalidArgument(f"companies must be between 0 and {LARGEST}")
        if not 1 <= self.sources <= 5:
            raise InvalidArgument("sources must be between 1 and 5")
        if not 0 <= self.queries <= self.people or not 0 <= self.absent_share <= 1:
            raise InvalidArgument("queries must be between 0 and people, absent_share between 0 and 1")
        if self.people_format not in ("csv", "parquet"):
            raise InvalidArgument("people_format must be csv or parquet")


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
