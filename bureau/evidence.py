"""Evidence in bits: the one currency of matching, contact ranking and deliverability.

A judgement is a prior plus the log2 likelihood ratios of what was observed (Fellegi and Sunter 1969; Good 1950
calls the unit a "ban" in base 10). Sums of bits are turned into a probability only at the end.
"""

import math

import msgspec


class Evidence(msgspec.Struct, frozen=True):
    """One observation and what it is worth: ``bits`` = log2(P(seen | hypothesis) / P(seen | its opposite))."""

    what: str
    bits: float


class Ledger(msgspec.Struct):
    """A running sum of evidence that can show its rows.

    ``prior_bits`` is the log2 odds before any row; ``total_bits`` is exactly the prior plus the rows.
    """

    prior_bits: float
    rows: list[Evidence] = []

    def add(self, what: str, bits: float) -> None:
        """Record one observation; rows of zero bits are kept, they say that something was looked at."""
        self.rows.append(Evidence(what, bits))

    @property
    def total_bits(self) -> float:
        return self.prior_bits + math.fsum(row.bits for row in self.rows)

    @property
    def probability(self) -> float:
        return probability(self.total_bits)


def probability(bits: float) -> float:
    """The probability whose log2 odds are ``bits``; stable far into both tails."""
    if bits >= 0:
        return 1.0 / (1.0 + math.exp2(-min(bits, 1000.0)))
    odds = math.exp2(max(bits, -1000.0))
    return odds / (1.0 + odds)


def bits(probability: float) -> float:
    """The log2 odds of ``probability``, which must lie strictly between 0 and 1."""
    return math.log2(probability) - math.log2(1.0 - probability)
