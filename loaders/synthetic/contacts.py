"""Phones and e-mails: how many people have, how long they keep them, who shares them."""

from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.synthetic.chance import Floats, Generator, Ints, some
from loaders.synthetic.households import Families
from loaders.synthetic.lettering import digits, fixed, null_where, replaced
from loaders.synthetic.lineage import GRANDFATHER, SLOTS
from loaders.synthetic.places import Places

_DAYS = 365.25
_SAME_AREA = 0.93  # area code of the phone and of the city agree (register sample)
_KEPT_NUMBER = 0.35  # of those who moved, who have a number of where they live now
_MOBILE_YEARS, _EMAIL_YEARS = 6.0, 3.5  # mean life; 30 % of e-mails are the same after four years (facts-brazil §4.2)
_WITH_LANDLINE = 0.38
_MAILBOX_TOGETHER = 0.12


class Contacts(NamedTuple):
    """By person: phone numbers and e-mail keys, 0 where there is none, now and before a day of change.

    A phone is the national number. An e-mail key is the entry of :class:`~loaders.synthetic.emails.EmailWriter`'s
    mailboxes plus one: two people with one mailbox have the same key.
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
    """Contacts of one block; seven in ten people are adults with a phone or a mailbox of their own."""
    age = (today - families.birth) / _DAYS
    area = places.area_code[families.homes.municipality[families.home]]
    mobile, mobile_before = _mobiles(rng, families, places, age)
    changed = today - _lifetimes(rng, len(age), _MOBILE_YEARS)
    landline = _landlines(rng, families, area)
    email, email_before = _emails(rng, families, age)
    return Contacts(
        mobile, mobile_before, changed, landline, email, email_before, today - _lifetimes(rng, len(age), _EMAIL_YEARS)
    )


def _lifetimes(rng: Generator, count: int, mean_years: float) -> Ints:
    return (rng.exponential(mean_years, count) * _DAYS).astype(np.int64)


def _mobiles(rng: Generator, families: Families, places: Places, age: Floats) -> tuple[Ints, Ints]:
    """Mobile now and before, mostly of the area where the person lived before; children give their mother's."""
    count = len(age)
    town = families.homes.municipality
    now, before = places.area_code[town[families.home]], places.area_code[town[families.home_before]]
    elsewhere = ~some(rng, count, _SAME_AREA)
    before[elsewhere] = places.area_code[places.towns(rng, int(elsewhere.sum()))]
    numbers = _random_mobiles(rng, np.where(some(rng, count, _KEPT_NUMBER), now, before)), _random_mobiles(rng, before)
    has = (age >= 16) & some(rng, count, np.where(age > 70, 0.7, 0.92))
    mother = np.maximum(families.mother, 0)
    borrows = ~has & (families.mother >= 0) & (age < 20)
    one, other = (np.where(has, number, np.where(borrows, number[mother], 0)) for number in numbers)
    return one, other


def _random_mobiles(rng: Generator, area: Ints) -> Ints:
    """Mobile numbers of area codes: 9, then 6 to 9, then seven digits."""
    result: Ints = area * 1_000_000_000 + 900_000_000 + rng.integers(60_000_000, 100_000_000, len(area))
    return result


def _landlines(rng: Generator, families: Families, area: Ints) -> Ints:
    """One fixed line for a household: it belongs to the home, so that all who live there share it."""
    number = rng.integers(20_000_000, 50_000_000, len(families.homes.street))
    number[~some(rng, len(number), _WITH_LANDLINE)] = 0
    line = number[families.home]
    return np.where(line > 0, area * 100_000_000 + line, 0)


def _emails(rng: Generator, families: Families, age: Floats) -> tuple[Ints, Ints]:
    """Keys of the mailbox now and before; whose own is missing may use the mother's, some couples have one."""
    count, rows = len(age), np.arange(len(age))
    has = families.alive & (age >= 15) & some(rng, count, np.interp(age, (25, 50, 75), (0.92, 0.82, 0.45)))
    owner = np.where(has, rows, -1)
    mother = np.maximum(families.mother, 0)
    borrows = ~has & (families.mother >= 0) & has[mother] & some(rng, count, 0.3)
    owner = np.where(borrows, mother, owner)
    wife = np.minimum(rows + 1, count - 1)  # the next slot
    together = (rows % SLOTS == GRANDFATHER) & has[wife] & some(rng, count, _MAILBOX_TOGETHER)
    owner = np.where(together, wife, owner)
    number = np.cumsum(families.alive) - 1  # mailboxes are numbered among the living, two each
    key = np.where(owner >= 0, number[owner] * 2 + 1, 0)
    return key, np.where((owner >= 0) & some(rng, count, 0.8), number[owner] * 2 + 2, 0)


def phone_texts(numbers: Ints, form: Literal["digits", "pretty", "old"]) -> pa.StringArray:
    """Phones as text, null for 0: ``11987654321``, ``(11) 98765-4321``, or as before the ninth digit."""
    mobile = numbers >= 10_000_000_000
    if form == "old":  # the ninth digit came between 2012 and 2016
        numbers = np.where(mobile, numbers // 10**9 * 10**8 + numbers % 10**8, numbers)
        mobile = np.zeros_like(mobile)
    long, short = digits(numbers, 11), digits(numbers, 10)
    if form == "digits":
        texts = replaced(mobile, fixed(long), fixed(short))
    else:
        with_nine = fixed(b"(", long[:, :2], b") ", long[:, 2:7], b"-", long[:, 7:])
        texts = replaced(mobile, with_nine, fixed(b"(", short[:, :2], b") ", short[:, 2:6], b"-", short[:, 6:]))
    return null_where(numbers == 0, texts)
