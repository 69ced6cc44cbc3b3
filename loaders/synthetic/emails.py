"""Mailbox names made of the owner's name, at providers of their time, some domains mistyped."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference.emails import email_domain_typos, email_providers
from loaders.synthetic.chance import Generator, Ints, Weighted, some
from loaders.synthetic.households import Families
from loaders.synthetic.lettering import joined, replaced
from loaders.synthetic.names import NameStock

# gmail.com went from 29 to 51 % of addresses between 2014 and 2018 (facts-brazil §4.2).
_NEWER = {"gmail.com": 2.0, "outlook.com": 3.0, "icloud.com": 4.0, "bol.com.br": 0.5, "ig.com.br": 0.3}
_OLDER = {"gmail.com": 0.35, "outlook.com": 0.0, "icloud.com": 0.0, "hotmail.com": 1.2}
_MISTYPED_DOMAIN = 0.0062


class EmailWriter:
    """Draws the addresses of a block's mailboxes."""

    def __init__(self, stock: NameStock) -> None:
        providers = email_providers()
        self._domains = pa.array([provider.domain for provider in providers])
        often = np.array([provider.occurrences + 0.2 for provider in providers])
        tilt = [[era.get(provider.domain, 1.0) for provider in providers] for era in (_NEWER, _OLDER)]
        self._provider = Weighted(often * np.array(tilt))
        typos = [typo for typo in email_domain_typos().values() if typo.occurrences > 0]
        self._typos = pa.array([typo.typo for typo in typos])
        self._typo = Weighted([typo.occurrences for typo in typos])
        self._units = pc.replace_substring_regex(pc.utf8_lower(stock.units.plain), r"^(da|de|do|das|dos) | ", "")

    def mailboxes(self, rng: Generator, families: Families) -> pa.StringArray:
        """Two addresses for each of the living, the present one and the one before: entries 2 n and 2 n + 1."""
        owner = np.repeat(np.flatnonzero(families.alive), 2)
        count = len(owner)
        older = np.arange(count) % 2
        shape = rng.integers(0, 4, count)  # given.family, givenfamily, given_family, gfamily
        given = self._units.take(pa.array(families.given[owner, 0]))
        given = replaced(shape == 3, pc.utf8_slice_codeunits(given, 0, 1), given)
        glue = pa.array([".", "", "_", ""]).take(pa.array(shape))
        family = self._units.take(pa.array(families.born_as[owner, 3]))
        name = joined([given, glue, family, _tails(rng, families.birth[owner])], "")
        domain = self._domains.take(pa.array(self._provider.draw(rng, older)))
        return joined([name, self._mistyped(rng, domain)], "@")

    def _mistyped(self, rng: Generator, domain: pa.StringArray) -> pa.StringArray:
        wrong = some(rng, len(domain), _MISTYPED_DOMAIN)
        typo = self._typos.take(pa.array(self._typo.sample(rng, int(wrong.sum()))))
        return pc.replace_with_mask(domain, pa.array(wrong), typo)


def _tails(rng: Generator, birth: Ints) -> pa.StringArray:
    """What makes a mailbox name free: the birth year, or up to five digits, seldom nothing."""
    chance = rng.random(len(birth))
    width = 10 ** rng.integers(2, 6, len(birth))
    number = np.where(chance < 0.25, 1970 + birth * 4 // 1461, (rng.random(len(birth)) * width).astype(np.int64))
    return replaced(chance > 0.93, "", pa.array(number).cast(pa.string()))
