"""Phones and e-mails: how many people have, how long they keep them, who shares them."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference.emails import email_domain_typos, email_providers
from loaders.synthetic.chance import Generator, Ints, Weighted
from loaders.synthetic.households import Families
from loaders.synthetic.lettering import digits, fixed, joined
from loaders.synthetic.lineage import SLOTS
from loaders.synthetic.names import NameStock
from loaders.synthetic.places import Places

_YEAR = 365.25
_OLD_DOMAINS_UNTIL = 15_000  # 2011: before it hotmail, bol, ig; after it gmail
_NEWER = {"gmail.com": 5.0, "outlook.com": 3.0, "icloud.com": 4.0}
_OLDER = {"gmail.com": 0.25, "outlook.com": 0.0, "icloud.com": 0.0, "hotmail.com": 1.2}
_TYPO_SHARE = 0.0062


class Contacts(NamedTuple):
    """By person: national phone numbers and e-mail keys, 0 where there is none, now and before a day of change.

    An e-mail key is ``owner row * 2 + generation``, plus 1 (so that 0 stays free): people who share an e-mail have
    the same owner.
    """

    mobile: Ints
    mobile_before: Ints
    mobile_changed: Ints
    landline: Ints
    email: Ints
    email_before: Ints
    email_changed: Ints

    def on(self, rows: Ints, day: Ints) -> tuple[Ints, Ints, Ints]:
        """Mobile, landline and e-mail key of people on a day."""
        mobile = np.where(day >= self.mobile_changed[rows], self.mobile[rows], self.mobile_before[rows])
        email = np.where(day >= self.email_changed[rows], self.email[rows], self.email_before[rows])
        return mobile, self.landline[rows], email


def draw_contacts(rng: Generator, families: Families, places: Places, today: int) -> Contacts:
    """Contacts of one block: seven adults in ten have a mobile and an e-mail, children use their mother's."""
    count = len(families.sex)
    age = (today - families.birth) / _YEAR
    town = families.homes.municipality
    area = places.area_code[town[families.home]]
    area_before = places.area_code[town[families.home_before]]
    elsewhere = rng.random(count) < 0.07  # facts: the area code agrees with the city's in 93 %
    area_before = np.where(elsewhere, places.area_code[places.towns(rng, count)], area_before)
    mobile = np.where(rng.random(count) < 0.35, _mobiles(rng, area), _mobiles(rng, area_before))
    mobile_before = _mobiles(rng, area_before)
    changed = today - (rng.exponential(6, count) * _YEAR).astype(np.int64)
    has_mobile = (age >= 16) & (rng.random(count) < np.where(age > 70, 0.7, 0.92))
    mother = np.maximum(families.mother, 0)
    borrows = ~has_mobile & (families.mother >= 0) & (age < 20)
    mobile = np.where(has_mobile, mobile, np.where(borrows, mobile[mother], 0))
    mobile_before = np.where(has_mobile, mobile_before, np.where(borrows, mobile_before[mother], 0))
    email, email_before, email_changed = _emails(rng, families, age, today)
    return Contacts(
        mobile, mobile_before, changed, _landlines(rng, families, area), email, email_before, email_changed
    )  # fmt: skip


def _mobiles(rng: Generator, area: Ints) -> Ints:
    """Mobile numbers of area codes: 9, then 6 to 9, then seven digits."""
    result: Ints = area * 1_000_000_000 + 900_000_000 + rng.integers(60_000_000, 100_000_000, len(area))
    return result


def _landlines(rng: Generator, families: Families, area: Ints) -> Ints:
    """One fixed line for a household: it follows from the home, so that all who live there share it."""
    homes = len(families.homes.street)
    number = rng.integers(20_000_000, 50_000_000, homes)
    number[rng.random(homes) < 0.62] = 0
    line = number[families.home]
    return np.where(line > 0, area * 100_000_000 + line, 0)


def _emails(rng: Generator, families: Families, age: Ints, today: int) -> tuple[Ints, Ints, Ints]:
    count = len(age)
    rows = np.arange(count)
    has = (age >= 15) & (rng.random(count) < np.interp(age, (25, 50, 75), (0.9, 0.8, 0.45)))
    # children, and some of those without one, use the mailbox of their mother; some couples have one together
    owner = np.where(has, rows, -1)
    mother = np.maximum(families.mother, 0)
    borrows = ~has & (families.mother >= 0) & (rng.random(count) < 0.3) & has[mother]
    owner = np.where(borrows, mother, owner)
    child = np.minimum(rows + 1, count - 1)  # the next slot: husband and wife among the grandparents
    together = (rows % SLOTS == 0) & (rng.random(count) < 0.12) & has[child]
    owner = np.where(together, child, owner)
    key = np.where(owner >= 0, owner * 2 + 1, 0)
    before = np.where((owner >= 0) & (rng.random(count) < 0.8), owner * 2 + 2, 0)
    changed = today - (rng.exponential(3.5, count) * _YEAR).astype(np.int64)
    return key, before, np.where(rng.random(count) < 0.1, -today, changed)


class EmailWriter:
    """Turns e-mail keys into addresses made of the owner's name, a number and a provider of the time."""

    def __init__(self, stock: NameStock) -> None:
        providers = email_providers()
        self._domains = pa.array([provider.domain for provider in providers])
        base = np.array([provider.occurrences + 0.2 for provider in providers])
        tilt = [[era.get(p.domain, 1.0) for p in providers] for era in (_OLDER, _NEWER)]
        self._provider = Weighted(base * np.array(tilt))
        typos = [typo for typo in email_domain_typos().values() if typo.occurrences > 0]
        self._typos = pa.array([typo.typo for typo in typos])
        self._typo = Weighted([typo.occurrences for typo in typos])
        plain = pc.utf8_lower(stock.units.plain)
        self._units = pc.replace_substring_regex(plain, r"^(da|de|do|das|dos) | ", "")

    def mailboxes(self, rng: Generator, families: Families) -> pa.StringArray:
        """All addresses of a block; the address of key k is entry k - 1."""
        count = len(families.sex)
        first, last = (np.repeat(c, 2) for c in (families.given[:, 0], families.born_as[:, 3]))
        old = np.tile([0, 1], count) == 1
        domain = self._domains.take(pa.array(self._provider.draw(rng, np.where(old, 0, 1))))
        domain = self._misspelt(rng, domain)
        given, family = self._units.take(pa.array(first)), self._units.take(pa.array(last))
        shape = rng.integers(0, 4, count * 2)
        given = pc.if_else(pa.array(shape == 3), pc.utf8_slice_codeunits(given, 0, 1), given)
        glue = pa.array([".", "", "_", ""]).take(pa.array(shape))
        return joined([joined([given, glue, family, self._number(rng, families)], ""), domain], "@")

    def _number(self, rng: Generator, families: Families) -> pa.StringArray:
        """What makes a mailbox name free: the birth year, or up to five digits, seldom nothing."""
        year = np.repeat(1970 + (families.birth / _YEAR).astype(np.int64), 2)
        chance = rng.random(len(year))
        width = rng.choice((100, 1_000, 10_000, 100_000), len(year))
        number = np.where(chance < 0.25, year, (rng.random(len(year)) * width).astype(np.int64))
        text = pa.array(number).cast(pa.string())
        return pc.if_else(pa.array(chance > 0.93), "", text)

    def _misspelt(self, rng: Generator, domain: pa.StringArray) -> pa.StringArray:
        wrong = rng.random(len(domain)) < _TYPO_SHARE
        typo = self._typos.take(pa.array(self._typo.draw(rng, 0, int(wrong.sum()))))
        return pc.replace_with_mask(domain, pa.array(wrong), typo)


def phone_texts(numbers: Ints, form: str) -> pa.StringArray:
    """Phones as text, null for 0. ``form``: ``digits``, ``pretty``, or ``old`` (as before the ninth digit)."""
    mobile = numbers >= 10_000_000_000
    if form == "old":  # mobiles had eight digits until 2012-2016
        numbers = np.where(mobile, numbers // 10**9 * 10**8 + numbers % 10**8, numbers)
        mobile = np.zeros_like(mobile)
    long, short = digits(numbers, 11), digits(numbers, 10)
    if form == "digits":
        texts = pc.if_else(pa.array(mobile), fixed(long), fixed(short))
    else:
        with_nine = fixed(b"(", long[:, :2], b") ", long[:, 2:7], b"-", long[:, 7:])
        without = fixed(b"(", short[:, :2], b") ", short[:, 2:6], b"-", short[:, 6:])
        texts = pc.if_else(pa.array(mobile), with_nine, without)
    return pc.if_else(pa.array(numbers > 0), texts, pa.scalar(None, pa.string()))
