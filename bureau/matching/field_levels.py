"""The levels of a suffix, a date and a tax id in plain Python; ``compare`` and ``identifiers`` have them compiled."""

from rapidfuzz.distance import OSA

from bureau.matching.levels import Level
from bureau.model.canonical import TaxEvidence
from bureau.normalise.names import suffixes_compatible


def suffix_level(submitted: int, found: int) -> Level:
    """The level of two suffix codes, 0 none."""
    if submitted == found:
        return Level.SUFFIX_SAME if submitted else Level.SUFFIX_NONE
    if not submitted or not found:
        return Level.SUFFIX_MISSING
    return Level.SUFFIX_COMPATIBLE if suffixes_compatible(submitted, found) else Level.SUFFIX_DIFFERENT


def date_level(a: int, b: int) -> Level:
    """The level of two dates, yyyymmdd, 0 unknown."""
    if not a or not b:
        return Level.MISSING
    (year_a, month_a, day_a), (year_b, month_b, day_b) = _parts(a), _parts(b)
    gap, day, month = abs(year_a - year_b), day_a == day_b, month_a == month_b
    generation = 15 <= gap <= 50
    match (gap == 0, month, day):
        case (True, True, True):
            return Level.DATE_SAME
        case (True, True, False):
            return Level.DATE_DAY
        case (True, False, True):
            return Level.DATE_MONTH
        case (True, False, False):
            return Level.DATE_SWAPPED if (month_a, day_a) == (day_b, month_b) else Level.DATE_SAME_YEAR
        case (False, True, True):
            if sum(x != y for x, y in zip(f"{year_a:04}", f"{year_b:04}", strict=True)) == 1 and gap < 100:
                return Level.DATE_YEAR_DIGIT
            return Level.DATE_GENERATION if generation else Level.DATE_YEAR
        case _:
            return Level.DATE_GENERATION if generation else Level.DATE_DIFFERENT


def _parts(date: int) -> tuple[int, int, int]:
    return date // 10000, date // 100 % 100, date % 100


def tax_level(sent: TaxEvidence | None, found: int | None, *, slips: bool) -> Level:
    """The level of a tax id sent against the candidate's; ``slips``: whether one a slip away is a level apart."""
    if sent is None or found is None:
        return Level.MISSING
    if sent.visible is not None:
        return Level.TAX_MASKED if found // 100 % 1000000 == sent.visible else Level.TAX_DIFFERENT
    if sent.valid is None:
        return Level.TAX_NEAR if found in (sent.near or ()) else Level.TAX_BROKEN
    if sent.valid == found:
        return Level.TAX_SAME
    # of numbers of one length: one digit, or two neighbours exchanged
    slip = slips and OSA.distance(f"{found:020}", f"{sent.valid:020}") == 1
    return Level.TAX_SLIP if slip else Level.TAX_DIFFERENT
