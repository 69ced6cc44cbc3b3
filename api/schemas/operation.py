"""Bodies that tell about the service itself."""

from datetime import datetime
from typing import Literal

import msgspec


class Readiness(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether this worker can answer, and with which population."""

    status: Literal["ready", "alive"]
    population: str | None = None


class PopulationInUse(msgspec.Struct, frozen=True):
    """What the answers of this worker are drawn from; ``sources`` are names, ``counts`` are by kind of row."""

    id: str
    created_at: datetime
    sources: list[str]
    counts: dict[str, int]
