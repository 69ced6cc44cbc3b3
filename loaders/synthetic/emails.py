"""Mailbox names made of the owner's name, at providers of their time, some domains mistyped.

An address follows from its mailbox's key by hashing, so that every source that knows the mailbox writes the same.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference.emails import email_domain_typos, email_providers
from loaders.synthetic.chance import Ints, Weighted, chances, hashed
from loaders.synthetic.contacts import GENERATIONS, Contacts, mailbox_parts
from loaders.synthetic.households import Families
from loaders.synthetic.lettering import joined, replaced
from loaders.synthetic.names import NameStock

# gmail.com went from 29 to 51 % of addresses between 2014 and 2018 (electoral registers of 2014 and 2018).
_NEWEST = {"gmail.com": 2.0, "outlook.com": 3.0, "icloud.com": 4.0, "bol.com.br": 0.5, "ig.com.br": 0.3}
_OLDER = {"gmail.com": 0.4, "outlook.com": 0.5, "icloud.com": 0.0, "hotmail.com": 1.2}
_OLDEST = {"gmail.com": 0.1, "outlook.com": 0.0, "icloud.com": 0.0, "bol.com.br": 2.0, "ig.com.br": 3.0}
_ERAS: tuple[dict[str, float], ...] = (_NEWEST, {}, _OLDER, _OLDEST)  # by generation
_MISTYPED_DOMAIN = 0.0062
_LONGEST_TAIL = 5  # digits


class EmailWriter:
    """Writes mailboxes as addresses."""

    def __init__(self, stock: NameStock) -> None:
        providers = email_providers()
        self._domains = pa.array([provider.domain for provider in providers])
        often = np.array([provider.occurrences + 0.2 for provider in providers])
        tilt = [[_ERAS[era].get(p.domain, 1.0) for p in providers] for era in range(GENERATIONS)]
        self._provider = Weighted(often * np.array(tilt))
        typos = [typo for typo in email_domain_typos().values() if typo.occurrences > 0]
        self._typos = pa.array([typo.typo for typo in typos])
        self._typo = Weighted([typo.occurrences for typo in typos])
        self._units = pc.replace_substring_regex(pc.utf8_lower(stock.units.plain), r"^(da|de|do|das|dos) | ", "")

    def addresses(self, families: Families, contacts: Contacts, keys: Ints) -> pa.StringArray:
        """The address of each mailbox key, null for 0."""
        given = np.flatnonzero(keys)
        owner, generation = mailbox_parts(keys[given])
        mailbox = hashed(contacts.mailbox_salt[owner], generation)
        name = self._names(families, owner, mailbox)
        texts = joined([name, self._domain(mailbox, generation)], "@")
        place = np.cumsum(keys > 0) - 1
        return texts.take(pa.array(place, mask=keys == 0))

    def _names(self, families: Families, owner: Ints, mailbox: Ints) -> pa.StringArray:
        """given.family, givenfamily, given_family or gfamily, then digits."""
        shape = mailbox % 4
        given = self._units.take(pa.array(families.given[owner, 0]))
        given = replaced(shape == 3, pc.utf8_slice_codeunits(given, 0, 1), given)
        glue = pa.array([".", "", "_", ""]).take(pa.array(shape))
        family = self._units.take(pa.array(families.born_as[owner, 3]))
        return joined([given, glue, family, _tails(families.birth[owner], mailbox)], "")

    def _domain(self, mailbox: Ints, generation: Ints) -> pa.StringArray:
        one = np.ones_like(mailbox)
        domain = self._domains.take(pa.array(self._provider.pick(chances(mailbox, one), generation)))
        wrong = chances(mailbox, one + 1) < _MISTYPED_DOMAIN
        typo = self._typo.pick(chances(mailbox[wrong], one[wrong] + 2), np.zeros(int(wrong.sum()), dtype=np.int64))
        return pc.replace_with_mask(domain, pa.array(wrong), self._typos.take(pa.array(typo)))


def _tails(birth: Ints, mailbox: Ints) -> pa.StringArray:
    """What makes a mailbox name free: the birth year, or up to five digits, seldom nothing."""
    chance = chances(mailbox, np.zeros_like(mailbox))
    width = 10 ** (2 + mailbox // 4 % (_LONGEST_TAIL - 1))
    number = np.where(chance < 0.25, 1970 + birth * 4 // 1461, mailbox // 16 % width)
    return replaced(chance > 0.93, "", pa.array(number).cast(pa.string()))
