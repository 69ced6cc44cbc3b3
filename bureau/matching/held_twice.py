"""One person as two entities: the build joins rows only where they say enough of each other, and a query may say more.

If a query's person is candidate A and nobody else, candidate B resembles the query by chance or as family, and its
odds say how unlikely that is. If B is the same person, it had to: that is to be expected of as many people as are
held twice. So the odds of B count against A only up to ``1 / twice``, beyond which B is likelier A than somebody else.
"""

from bureau.compiled import inlined
from bureau.matching.given_names import seconds_differ
from bureau.matching.layout import ALIAS, DATE, ENTITY, FLAGS, NAME, NO_TAX_ID, Register

LEAST = 0.01
"""Odds of being held twice below which a candidate is simply another one: it would count a hundredth less."""


@inlined
def against(odds: float, twice: float) -> float:
    """What counts against a candidate of the ``odds`` of another that may be the same person.

    Of the four cases (the one, the other, both, neither) "both" has the odds of the one times those of the other
    times ``twice``, and is a case for either.
    """
    return odds / (1.0 + twice * odds)


@inlined
def may_be_one(register: Register, a: int, b: int) -> bool:
    """Whether nothing in two records of different entities says that they are two people: two tax ids, birth dates,
    suffixes, sexes, first names (their own or their mothers'), or a second given name that only one of them bears."""
    one, other = register.records[a], register.records[b]
    if register.tax_id[one[ENTITY]] != NO_TAX_ID and register.tax_id[other[ENTITY]] != NO_TAX_ID:
        return False
    if _differ(one[DATE], other[DATE]):
        return False
    if _differ(one[FLAGS] & 0xFF, other[FLAGS] & 0xFF) or _differ(one[FLAGS] >> 8 & 3, other[FLAGS] >> 8 & 3):
        return False
    sound = register.vocabulary.sound
    if _differ(sound[one[NAME]], sound[other[NAME]]) or _differ(sound[one[ALIAS]], sound[other[ALIAS]]):
        return False
    return not seconds_differ(one, other, register.vocabulary)


@inlined
def _differ(a: int, b: int) -> bool:
    return a != b and min(a, b) > 0  # 0: unknown
