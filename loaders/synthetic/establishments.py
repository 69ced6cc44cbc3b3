"""Rows of Estabelecimentos: head offices and branches, with the register's own dirt in addresses and contacts.

Rates are those measured on 2,000 real rows (sample of the register).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference import register as code_lists
from loaders.synthetic.business import ENTREPRENEUR, CompanyNames
from loaders.synthetic.chance import Generator, Ints, Mask, Weighted, some
from loaders.synthetic.companies import STATUSES, Companies
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.documents import cnpj_check_digits
from loaders.synthetic.lettering import dates, digits, fixed, joined, repeated, replaced
from loaders.synthetic.places import Address, Places
from loaders.synthetic.population import Block, World

_REASONS = ("00", "01", "63", "21", "11")  # of STATUSES
_WITH_BRANCH = 0.12  # of firms: 4 % of all rows are branches
_SHOP_ELSEWHERE = 0.35
_ACCOUNTANT_SHARE, _CLIENTS_OF_ACCOUNTANT = 0.112, 300
# Share of rows with an e-mail, by year of opening.
_EMAIL_YEARS, _EMAIL_SHARES = (1999, 2005, 2020), (0.1, 0.47, 0.98)
_UPDATED = 2500  # days ago: contacts are those of then, or of the opening if that is later


class EstablishmentWriter:
    """Columns of Estabelecimentos for the companies of each block."""

    def __init__(self, world: World, names: CompanyNames) -> None:
        self._world, self._names = world, names
        codes = list(code_lists.activities())
        self._activities = pa.array(codes)
        rank = np.random.default_rng([world.options.seed, 105]).permutation(len(codes))
        self._activity = Weighted(1.0 / (3 + rank))
        self._offices = _Accountants(world)

    def columns(self, rng: Generator, block: Block, companies: Companies) -> list[pa.StringArray]:
        """The thirty columns: all head offices, then the branches."""
        heads = len(companies.owner)
        branches = np.flatnonzero((companies.nature != ENTREPRENEUR) & some(rng, heads, _WITH_BRANCH))
        row = np.concatenate([np.arange(heads), branches])
        branch, count = np.arange(len(row)) >= heads, len(row)
        order = digits(1 + branch.astype(np.int64), 4)
        check = cnpj_check_digits(np.hstack([companies.root[row], order]))
        status, opened = companies.status[row], companies.opened[row]
        since = np.where(status == 0, opened, np.maximum(opened, self._world.today - rng.integers(30, 3000, count)))
        empty = repeated("", count)
        address = self._addresses(rng, block, companies.owner[row], branch)
        return [
            fixed(companies.root[row]), fixed(order), fixed(check),
            pa.array(["1", "2"]).take(pa.array(branch).cast(pa.int8())),
            self._names.trade(rng, block, companies.owner[row], companies.nature[row]),
            pa.array(STATUSES).take(pa.array(status)), dates(since, "register"),
            pa.array(_REASONS).take(pa.array(status)), empty, empty, dates(opened, "register"),
            *self._activity_columns(rng, count),
            *_address_columns(rng, self._world.places, address),
            *self._contact_columns(rng, block, (companies.owner[row], opened), address),
            empty, empty,
        ]  # fmt: skip

    def _activity_columns(self, rng: Generator, count: int) -> list[pa.StringArray]:
        main, *others = (self._activities.take(pa.array(self._activity.sample(rng, count))) for _ in range(3))
        return [main, replaced(some(rng, count, 0.5), "", joined(others, ","))]

    def _addresses(self, rng: Generator, block: Block, owner: Ints, branch: Mask) -> Address:
        """The owner's home, or a shop; branches are never at home."""
        home = block.families.homes.take(block.families.home[owner])
        shop = self._world.places.addresses(rng, self._world.places.towns_near(rng, home.municipality))
        return home.replaced(branch | some(rng, len(owner), _SHOP_ELSEWHERE), shop)

    def _contact_columns(
        self, rng: Generator, block: Block, owned: tuple[Ints, Ints], address: Address
    ) -> list[pa.StringArray]:
        """Two phones and a fax with their DDD apart, and the e-mail; ``owned`` is by whom and since when."""
        owner, opened = owned
        count = len(owner)
        updated = np.maximum(opened, self._world.today - _UPDATED)
        mobile, landline = block.contacts.mobiles_on(owner, updated), block.contacts.landline[owner]
        office = self._offices.near(rng, self._world.places.state[address.municipality])
        managed = some(rng, count, _ACCOUNTANT_SHARE)
        first = np.where(some(rng, count, 0.3) & (landline > 0), landline, mobile)
        first = np.where(managed, self._offices.phones[office], first)
        first[~some(rng, count, 0.97)] = 0
        second = np.where(some(rng, count, 0.16), np.where(first == mobile, landline, mobile), 0)
        fax = np.where(some(rng, count, 0.05), landline, 0)
        own = block.contacts.mailboxes_on(owner, updated)
        own[~some(rng, count, np.interp(1970 + opened / 365.25, _EMAIL_YEARS, _EMAIL_SHARES))] = 0
        email = self._world.emails.addresses(block.families, block.contacts, own)
        email = replaced(managed, self._offices.emails.take(pa.array(office)), email)
        email = pc.fill_null(replaced(some(rng, count, 0.77), pc.utf8_upper(email), email), "")
        return [
            *_dirty_phones(rng, *_split_phones(first)), *_split_phones(second), *_split_phones(fax),
            email,
        ]  # fmt: skip


class _Accountants:
    """Offices that give their own phone and e-mail for hundreds of clients of their state."""

    def __init__(self, world: World) -> None:
        rng = np.random.default_rng([world.options.seed, 104])
        count = max(1, round(world.options.company_count * _ACCOUNTANT_SHARE / _CLIENTS_OF_ACCOUNTANT))
        towns = world.places.towns(rng, count)
        towns = towns[np.argsort(world.places.state[towns], kind="stable")]
        self._state = world.places.state[towns]
        self.phones = world.places.area_code[towns] * 100_000_000 + rng.integers(30_000_000, 40_000_000, count)
        family = world.stock.bare(world.stock.surnames(rng, self._state))
        family = pc.replace_substring(pc.utf8_lower(world.stock.units.written("plain", family)), " ", "")
        kind = pa.array(["contabilidade", "contador.", "escritorio", "fiscal.", "assessoria"])
        domain = pa.array(["@uol.com.br", "@terra.com.br", "@gmail.com"])
        kind, domain = (texts.take(pa.array(rng.integers(0, len(texts), count))) for texts in (kind, domain))
        self.emails = joined([kind, family, pa.array(np.arange(1, count + 1)).cast(pa.string()), domain], "")

    def near(self, rng: Generator, state: Ints) -> Ints:
        """An office of each state; any office where a state has none."""
        start, end = (np.searchsorted(self._state, state, side=side) for side in ("left", "right"))
        start, size = np.where(end > start, start, 0), np.where(end > start, end - start, len(self._state))
        result: Ints = start + (rng.random(len(state)) * size).astype(np.int64)
        return result


def _address_columns(rng: Generator, places: Places, address: Address) -> list[pa.StringArray]:
    """Type, street, number, complement, district, CEP, state, municipality, in capitals mostly without accents."""
    plain, accented = places.texts(address, "plain"), places.texts(address, "accented")
    town, count = address.municipality, len(address.street)
    with_accents = some(rng, count, 0.01)
    unnumbered = pa.array(["S/N", "SN", "S N", "S/ NUM"]).take(pa.array(rng.choice(4, count, p=(0.8, 0.1, 0.05, 0.05))))
    code = fixed(digits(places.postal_codes(address), 8))
    code = replaced(some(rng, count, 0.005), pc.utf8_ltrim(code, "0"), code)  # a lost zero: 0.1 % of all
    columns = [
        replaced(some(rng, count, 0.012), "", plain.street_type),
        _loosened(rng, replaced(with_accents, accented.street, plain.street)),
        replaced(address.number == 0, unnumbered, plain.number),
        _dirty_complements(rng, plain.complement),
        replaced(with_accents, accented.district, plain.district),
        replaced(some(rng, count, 5e-5), "0", code),
        places.state_codes.take(pa.array(places.state[town])),
        fixed(digits(places.siafi_code[town], 4)),
    ]
    return [pc.fill_null(column, "") for column in columns]


def _loosened(rng: Generator, texts: pa.StringArray) -> pa.StringArray:
    """A double blank inside, or a blank before."""
    double = pc.replace_substring(texts, " ", "  ", max_replacements=1)
    texts = replaced(some(rng, len(texts), 0.12), double, texts)
    return replaced(some(rng, len(texts), 0.023), joined([repeated("", len(texts)), texts], " "), texts)


def _dirty_complements(rng: Generator, texts: pa.StringArray) -> pa.StringArray:
    """Aligned blanks, the separator inside the quotes, now and then a NUL byte."""
    count = len(texts)
    texts = replaced(some(rng, count, 0.3), pc.replace_substring(texts, " ", "   "), texts)
    separated = pa.array(["LETRA:A;", "LOTE 01;QUADRA 73"]).take(pa.array(rng.integers(0, 2, count)))
    texts = replaced(some(rng, count, 0.001), separated, texts)
    return replaced(some(rng, count, 0.0002), "CASA\x00", texts)


def _split_phones(numbers: Ints) -> tuple[pa.StringArray, pa.StringArray]:
    """DDD and number as the register stores them: eight digits even for mobiles."""
    texts = pc.fill_null(phone_texts(numbers, "old"), "")
    return pc.utf8_slice_codeunits(texts, 1, 3), pc.replace_substring(pc.utf8_slice_codeunits(texts, 5), "-", "")


def _dirty_phones(
    rng: Generator, area: pa.StringArray, number: pa.StringArray
) -> tuple[pa.StringArray, pa.StringArray]:
    """The placeholder 0/0 (5 %), area codes of three digits (1.4 %), numbers of seven (1.6 %)."""
    chance, given = rng.random(len(area)), np.asarray(pc.not_equal(area, ""))
    long = joined([repeated("0", len(area)), area], "")
    area = replaced(given & (chance > 0.986), long, area)
    number = replaced(given & (chance > 0.97) & (chance <= 0.986), pc.utf8_slice_codeunits(number, 1), number)
    placeholder = given & (chance < 0.055)
    return replaced(placeholder, "0", area), replaced(placeholder, "0", number)
