"""Phones and e-mails: how many people have, how long they keep them, who shares them."""

from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from loaders.synthetic.chance import Floats, Generator, Ints, some
from loaders.synthetic.households import Families
from loaders.synthetic.lettering import digits, fixed, null_where, replaced
from loaders.synthetic.lineage import GRANDFATHER, SLOTS
from loaders.synthetic.places import Places

GENERATIONS = 4
"""Mobiles and mailboxes a person has had, the present one first."""

_DAYS = 365.25
_SAME_AREA = 0.93  # area code of the phone and of the city agree (register sample)
_LOCAL_NUMBER = 0.35  # of those who moved, who have a number of where they live now
# Mean lives; after four years 30 % of e-mails are the same (electoral registers of 2014 and 2018).
_MOBILE_YEARS, _EMAIL_YEARS = 6.0, 3.5
_WITH_LANDLINE = 0.38
_MAILBOX_TOGETHER = 0.12


class Contacts(NamedTuple):
    """Contacts by person, one a row; a generation ends, going back in time, at its day of change."""

    mobile: Ints  # (n, GENERATIONS), national numbers, 0 for none
    mobile_since: Ints  # (n, GENERATIONS - 1), days, latest first
    landline: Ints  # 0 for none
    mailbox_owner: Ints  # row of the person whose mailbox it is, -1 for none
    mailbox_since: Ints
    mailbox_salt: Ints  # what distinguishes the owner's mailboxes from everybody else's

    def mobiles_on(self, rows: Ints, day: Ints) -> Ints:
        """The mobile numbers people had on a day."""
        return self.mobile[rows, _generation(self.mobile_since[rows], day)]

    def mailboxes_on(self, rows: Ints, day: Ints) -> Ints:
        """Keys of the mailboxes people had on a day, 0 for none; people who share one have the same key."""
        owner = self.mailbox_owner[rows]
        generation = _generation(self.mailbox_since[np.maximum(owner, 0)], day)
        return np.where(owner >= 0, owner * GENERATIONS + generation + 1, 0)


def mailbox_parts(keys: Ints) -> tuple[Ints, Ints]:
    """Owner and generation of mailbox keys above 0."""
    owner, generation = np.divmod(keys - 1, GENERATIONS)
    return owner, generation


def draw_contacts(rng: Generator, families: Families, places: Places, today: int) -> Contacts:
    """Contacts of one block; seven in ten people are adults with a phone and a mailbox."""
    age = (today - families.birth) / _DAYS
    return Contacts(
        mobile=_mobiles(rng, families, places, age),
        mobile_since=_changes(rng, len(age), today, _MOBILE_YEARS),
        landline=_landlines(rng, families, places),
        mailbox_owner=_mailbox_owners(rng, families, age),
        mailbox_since=_changes(rng, len(age), today, _EMAIL_YEARS),
        mailbox_salt=rng.integers(0, 2**62, len(age)),
    )


def _changes(rng: Generator, count: int, today: int, mean_years: float) -> Ints:
    lives = rng.exponential(mean_years, (count, GENERATIONS - 1)) * _DAYS
    result: Ints = today - np.cumsum(lives, axis=1).astype(np.int64)
    return result


def _generation(since: Ints, day: Ints) -> Ints:
    result: Ints = (day[:, None] < since).sum(axis=1)
    return result


def _mobiles(rng: Generator, families: Families, places: Places, age: Floats) -> Ints:
    """Mobile numbers, 9, then 6 to 9, then seven digits; mostly of the area where the person lived before.

    Children give their mother's.
    """
    count = len(age)
    town = families.homes.municipality
    here, before = places.area_code[town[families.home]], places.area_code[town[families.home_before]]
    elsewhere = ~some(rng, count, _SAME_AREA)
    before[elsewhere] = places.area_code[places.towns(rng, int(elsewhere.sum()))]
    area = np.repeat(before[:, None], GENERATIONS, axis=1)
    area[:, 0] = np.where(some(rng, count, _LOCAL_NUMBER), here, before)
    number = area * 1_000_000_000 + 900_000_000 + rng.integers(60_000_000, 100_000_000, area.shape)
    has = (age >= 16) & some(rng, count, np.where(age > 70, 0.7, 0.92))
    mother = np.maximum(families.mother, 0)
    borrows = ~has & (families.mother >= 0) & has[mother] & (age < 20)
    number[~has] = 0
    number[borrows] = number[mother[borrows]]
    return number


def _landlines(rng: Generator, families: Families, places: Places) -> Ints:
    """One fixed line for a household: it belongs to the home, so that all who live there share it."""
    area = places.area_code[families.homes.municipality]
    number = area * 100_000_000 + rng.integers(20_000_000, 50_000_000, len(area))
    number[~some(rng, len(number), _WITH_LANDLINE)] = 0
    return number[families.home]


def _mailbox_owners(rng: Generator, families: Families, age: Floats) -> Ints:
    """Whose mailbox each person gives: the own one, the mother's for some without, one for some old couples."""
    count, rows = len(age), np.arange(len(age))
    has = families.alive & (age >= 15) & some(rng, count, np.interp(age, (25, 50, 75), (0.92, 0.82, 0.45)))
    owner = np.where(has, rows, -1)
    mother = np.maximum(families.mother, 0)
    borrows = ~has & (families.mother >= 0) & has[mother] & some(rng, count, 0.3)
    owner = np.where(borrows, mother, owner)
    wife = np.minimum(rows + 1, count - 1)  # the next slot
    together = (rows % SLOTS == GRANDFATHER) & has[wife] & some(rng, count, _MAILBOX_TOGETHER)
    return np.where(together, wife, owner)


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
