"""The company register in the Receita Federal's own layout, joined across its files and with its own dirt.

Rates are those measured on 2,000 real rows (facts-brazil §2.5 and §2.6). Owners and partners are adults of the same
block of people, so that a company's contacts are often a person's.
"""

import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.reference import register as code_lists
from loaders.synthetic.business import CompanyNames
from loaders.synthetic.chance import Bijection, Generator, Ints, Mask, Weighted
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.documents import cnpj_check_digits, company_roots
from loaders.synthetic.lettering import Letters, dates, digits, fixed, joined
from loaders.synthetic.population import Block, World
from loaders.synthetic.tables import csv_bytes

_RELEASE = "D61114"
_YEAR = 365.25
_ALPHANUMERIC_SINCE = int(np.datetime64("2026-07-31", "D").astype(np.int64))
_COMPANIES_A_PART = 500_000

# legal nature: share of rows, qualification of the person responsible
_NATURES = ("2135", "2062", "4090", "2240", "3999", "4120", "3085", "2321", "2054")
_NATURE_SHARES = (0.69, 0.25, 0.02, 0.01, 0.01, 0.006, 0.004, 0.005, 0.005)
_RESPONSIBLE = ("50", "49", "51", "49", "16", "59", "19", "49", "10")
_STATUSES = ("02", "08", "04", "03", "01")
_STATUS_SHARES = (0.43, 0.455, 0.105, 0.008, 0.002)
_REASONS = {"02": "00", "08": "01", "04": "63", "03": "21", "01": "11"}


class Companies(NamedTuple):
    """One block's companies; ``owner`` is a row of the block's families, ``nature`` an index of the natures."""

    root: Letters
    owner: Ints
    nature: Ints
    opened: Ints
    status: Ints
    small: Mask  # MEI: a tax option of individual entrepreneurs
    accountant: Ints  # whose contacts it gives, -1 for its own


class RegisterFiles:
    """The open register files of one run; ``write`` adds a block."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.companies = self.establishments = self.partners = 0
        self._folder, self._world, self._open = folder, world, ExitStack()
        total = world.options.company_count
        self._parts = min(10, 1 + total // _COMPANIES_A_PART)
        self._files: dict[tuple[str, int], IO[bytes]] = {}
        self._names = CompanyNames(world.stock)
        self._roots = Bijection([world.options.seed, 103], 10_000, 10_000)
        self._accountants = _Accountants(world, max(1, round(total * 0.112 / 300)))
        activities = list(code_lists.activities())
        self._activities = pa.array(activities)
        self._activity = Weighted(1.0 / (3 + np.random.default_rng(world.options.seed).permutation(len(activities))))

    def __enter__(self) -> "RegisterFiles":
        _write_code_lists(self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, block: Block) -> None:
        rng = self._world.rng(block.number, 2)
        count = self._world.quota(self._world.options.company_count, block.number)
        adults = block.people[self._world.today - block.families.birth[block.people] > 19 * _YEAR]
        if count == 0 or len(adults) == 0:
            return
        companies = self._draw(rng, block, adults, count)
        part = block.number % self._parts
        self._append("EMPRECSV", part, self._company_columns(rng, block, companies))
        self._append("ESTABELE", part, self._establishment_columns(rng, block, companies))
        self._append("SOCIOCSV", part, self._partner_columns(rng, block, companies, adults))
        self._append("SIMPLES", part, _simples_columns(rng, companies))
        self.companies += count

    def _append(self, kind: str, part: int, columns: list[pa.Array]) -> None:
        # there is one Simples file, not ten
        part = 0 if kind == "SIMPLES" else part
        if (kind, part) not in self._files:
            self._files[kind, part] = self._open_member(kind, part)
        table = pa.table(columns, names=[str(i) for i in range(len(columns))])
        self._files[kind, part].write(csv_bytes(table, ";", "latin-1"))

    def _open_member(self, kind: str, part: int) -> IO[bytes]:
        member = f"F.K03200$W.SIMPLES.CSV.{_RELEASE}" if kind == "SIMPLES" else f"K3241.K03200Y{part}.{_RELEASE}.{kind}"
        archive = self._open.enter_context(
            zipfile.ZipFile(self._folder / f"{member}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        )
        stamped = zipfile.ZipInfo(member, (2026, 11, 14, 0, 0, 0))
        stamped.compress_type = zipfile.ZIP_DEFLATED
        return self._open.enter_context(archive.open(stamped, "w", force_zip64=True))

    def _draw(self, rng: Generator, block: Block, adults: Ints, count: int) -> Companies:
        owner = rng.choice(adults, count, replace=count > len(adults))
        nature = rng.choice(len(_NATURES), count, p=_NATURE_SHARES)
        # twice as many companies were opened each eight years; nobody opens one before the age of 18
        opened = self._world.today - (rng.exponential(9, count) * _YEAR).astype(np.int64)
        of_age = block.families.birth[owner] + int(18.2 * _YEAR)
        opened = np.minimum(np.maximum(opened, of_age), self._world.today)
        number = self.companies + np.arange(count)
        root = company_roots(number, self._roots, opened >= _ALPHANUMERIC_SINCE)
        small = (nature == 0) & (opened > 14_400) & (rng.random(count) < 0.85)  # MEI began in July 2009
        accountant = np.where(rng.random(count) < 0.112, self._accountants.pick(rng, count), -1)
        status = rng.choice(len(_STATUSES), count, p=_STATUS_SHARES)
        return Companies(root, owner, nature, opened, status, small, accountant)

    def _company_columns(self, rng: Generator, block: Block, companies: Companies) -> list[pa.Array]:
        count = len(companies.owner)
        capital = pa.array(rng.choice((0, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000), count)).cast(pa.string())
        capital = pc.if_else(pa.array(rng.random(count) < 3e-5), "999999999999", capital)
        size = pa.array(["01", "03", "05"]).take(pa.array(rng.choice(3, count, p=(0.79, 0.03, 0.18))))
        return [
            fixed(companies.root),
            self._names.legal(rng, block, companies.owner, (companies.nature, companies.root)),
            pa.array(_NATURES).take(pa.array(companies.nature)),
            pa.array(_RESPONSIBLE).take(pa.array(companies.nature)),
            joined([capital, pa.repeat(pa.scalar("00"), count)], ","),
            size,
            pa.repeat(pa.scalar(""), count),
        ]

    def _establishment_columns(self, rng: Generator, block: Block, companies: Companies) -> list[pa.Array]:
        """Head offices, then the few branches of the same companies (4 % of the rows)."""
        heads = len(companies.owner)
        with_branch = np.flatnonzero((companies.nature != 0) & (rng.random(heads) < 0.12))
        row = np.concatenate([np.arange(heads), with_branch])
        branch = np.arange(len(row)) >= heads
        count = len(row)
        self.establishments += count
        order = digits(np.where(branch, 2, 1), 4)
        base = np.hstack([companies.root[row], order])
        status = companies.status[row]
        status_code = pa.array(_STATUSES).take(pa.array(status))
        since = np.where(status == 0, companies.opened[row], self._world.today - rng.integers(30, 3000, count))
        since = np.maximum(since, companies.opened[row])
        empty = pa.repeat(pa.scalar(""), count)
        activity = self._activities.take(pa.array(self._activity.draw(rng, 0, count)))
        second = self._activities.take(pa.array(self._activity.draw(rng, 0, count)))
        second = pc.if_else(pa.array(rng.random(count) < 0.5), joined([second, activity], ","), "")
        return [
            fixed(companies.root[row]), fixed(order), fixed(cnpj_check_digits(base)),
            pa.array(["1", "2"]).take(pa.array(branch.astype(np.int8))),
            self._names.trade(rng, block, companies.owner[row], companies.nature[row]),
            status_code, dates(since, "register"), pa.array([_REASONS[s] for s in _STATUSES]).take(pa.array(status)),
            empty, empty, dates(companies.opened[row], "register"), activity, second,
            *self._address_columns(rng, block, companies.owner[row], branch),
            *self._contact_columns(rng, block, companies, row),
            empty, empty,
        ]  # fmt: skip

    def _address_columns(self, rng: Generator, block: Block, owner: Ints, branch: Mask) -> list[pa.Array]:
        places, families, count = self._world.places, block.families, len(owner)
        own = families.homes.take(families.home[owner])
        other = places.addresses(rng, places.towns_near(rng, own.municipality))
        elsewhere = branch | (rng.random(count) < 0.35)
        address = type(own)(*(np.where(elsewhere, b, a) for a, b in zip(own, other, strict=True)))
        plain, accented = places.texts(address, "plain"), places.texts(address, "accented")
        with_accents = pa.array(rng.random(count) < 0.01)
        street = pc.if_else(with_accents, accented.street, plain.street)
        district = pc.if_else(with_accents, accented.district, plain.district)
        code = fixed(digits(places.postal_codes(address), 8))
        short = pc.utf8_ltrim(code, "0")  # a leading zero lost, 0.1 %
        code = pc.if_else(pa.array(rng.random(count) < 0.005), short, code)
        code = pc.if_else(pa.array(rng.random(count) < 5e-5), "0", code)
        unnumbered = pa.array(["S/N", "SN", "S N", "S/ NUM"]).take(
            pa.array(rng.choice(4, count, p=(0.8, 0.1, 0.05, 0.05)))
        )
        town = address.municipality
        columns = [
            pc.if_else(pa.array(rng.random(count) < 0.012), "", plain.street_type),
            _blanks(rng, street),
            pc.if_else(pc.equal(plain.number, "S/N"), unnumbered, plain.number),
            _dirty_complements(rng, plain.complement),
            district,
            code,
            places.states.take(pa.array(places.state[town])),
            fixed(digits(places.siafi_code[town], 4)),
        ]
        return [pc.fill_null(column, "") for column in columns]

    def _contact_columns(self, rng: Generator, block: Block, companies: Companies, row: Ints) -> list[pa.Array]:
        """Two phones with their DDD apart, a fax, and the e-mail."""
        owner, accountant, count = companies.owner[row], companies.accountant[row], len(row)
        mobile, landline, email = block.contacts.on(owner, np.maximum(companies.opened[row], self._world.today - 2500))
        office = self._accountants.phones[np.maximum(accountant, 0)]
        first = np.where(accountant >= 0, office, np.where(rng.random(count) < 0.3, landline, mobile))
        first = np.where(rng.random(count) < 0.9, first, 0)
        second = np.where(rng.random(count) < 0.085, np.where(first == mobile, landline, mobile), 0)
        address = block.mailboxes.take(pa.array(np.maximum(email - 1, 0)))
        present = np.interp(1970 + companies.opened[row] / _YEAR, (1999, 2005, 2020), (0.1, 0.47, 0.98))
        present = (rng.random(count) < present) & ((email > 0) | (accountant >= 0))
        address = pc.if_else(
            pa.array(accountant >= 0), self._accountants.emails.take(pa.array(np.maximum(accountant, 0))), address
        )
        address = pc.if_else(pa.array(rng.random(count) < 0.77), pc.utf8_upper(address), address)
        fax = np.where(rng.random(count) < 0.05, landline, 0)
        return [
            *_split_phone(rng, first, dirty=True), *_split_phone(rng, second), *_split_phone(rng, fax),
            pc.if_else(pa.array(present), address, ""),
        ]  # fmt: skip

    def _partner_columns(self, rng: Generator, block: Block, companies: Companies, adults: Ints) -> list[pa.Array]:
        """One to three partners of every company that is not one person's: the owner, his kin, or anybody."""
        firms = np.flatnonzero(companies.nature != 0)
        row = np.repeat(firms, 1 + rng.choice(3, len(firms), p=(0.55, 0.35, 0.1)))
        leading = np.concatenate([[True], row[1:] != row[:-1]]) if len(row) else np.zeros(0, np.bool_)
        person = companies.owner[row]
        kin = adults[np.clip(np.searchsorted(adults, person) + 1, 0, len(adults) - 1)]
        other = np.where(rng.random(len(row)) < 0.6, kin, rng.choice(adults, len(row)))
        person = np.where(leading, person, other)
        count = len(row)
        self.partners += count
        entered = np.maximum(companies.opened[row], self._world.today - rng.integers(0, 9000, count))
        kind = rng.choice((1, 2, 3), count, p=(0.02, 0.977, 0.003))
        units = block.families.names(person, entered)
        visible = fixed(b"***", digits(block.tax_id[person] // 100 % 1_000_000, 6), b"**")
        company = np.hstack(
            [digits(self._roots(rng.integers(0, 10**7, count)), 8), digits(np.ones(count, np.int64), 4)]
        )
        full = fixed(company, cnpj_check_digits(company))
        age = (self._world.today - block.families.birth[person]) / _YEAR
        band = np.where(kind == 2, np.clip(np.digitize(age, (0, 13, 21, 31, 41, 51, 61, 71, 81)), 1, 9), 0)
        holding = joined(
            [self._world.stock.written(block.families.born_as[person][:, 3:]), _repeat("PARTICIPACOES LTDA", count)],
            " ",
        )
        empty = _repeat("", count)
        return [
            fixed(companies.root[row]), pa.array(kind).cast(pa.string()),
            pc.if_else(pa.array(kind == 1), holding, self._world.stock.written(units)),
            pc.if_else(pa.array(kind == 1), full, pc.if_else(pa.array(kind == 3), "", visible)),
            pc.if_else(pa.array(leading), "49", "22"), dates(entered, "register"),
            pc.if_else(pa.array(kind == 3), "249", ""), _repeat("***000000**", count), empty, _repeat("00", count),
            pa.array(band).cast(pa.string()),
        ]  # fmt: skip


class _Accountants:
    """Offices that give their own phone and e-mail for hundreds of clients."""

    def __init__(self, world: World, count: int) -> None:
        rng = np.random.default_rng([world.options.seed, 104])
        towns = world.places.towns(rng, count)
        self.phones = world.places.area_code[towns] * 100_000_000 + rng.integers(30_000_000, 39_999_999, count)
        family = world.stock.surname_units(rng, world.places.state[towns])
        family = pc.replace_substring(
            pc.utf8_lower(world.stock.units.plain.take(pa.array(world.stock.bare(family)))), " ", ""
        )
        prefix = pa.array(["contabilidade", "contador.", "escritorio", "fiscal.", "assessoria"])
        prefix = prefix.take(pa.array(rng.integers(0, 5, count)))
        number = pa.array(np.arange(1, count + 1)).cast(pa.string())
        domain = pa.array(["@uol.com.br", "@terra.com.br", "@gmail.com"]).take(pa.array(rng.integers(0, 3, count)))
        self.emails = joined([prefix, family, number, domain], "")
        self._count = count

    def pick(self, rng: Generator, count: int) -> Ints:
        return rng.integers(0, self._count, count)


def _repeat(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _simples_columns(rng: Generator, companies: Companies) -> list[pa.Array]:
    """Tax options: Simples for most small firms, MEI for individual entrepreneurs; 00000000 is no date."""
    count = len(companies.owner)
    listed = np.flatnonzero(companies.small | (rng.random(count) < 0.5))
    small, opened = companies.small[listed], companies.opened[listed]
    left = rng.random(len(listed)) < 0.35
    ended = dates(opened + rng.integers(60, 2500, len(listed)), "register")
    option = pa.array(["S", "N"]).take(pa.array(left.astype(np.int8)))
    none = _repeat("00000000", len(listed))
    began, ended = dates(opened, "register"), pc.if_else(pa.array(left), ended, none)
    mei = pa.array(small)
    return [
        fixed(companies.root[listed]), option, began, ended,
        pc.if_else(mei, option, "N"), pc.if_else(mei, began, none), pc.if_else(mei, ended, none),
    ]  # fmt: skip


def _split_phone(rng: Generator, numbers: Ints, dirty: bool = False) -> tuple[pa.Array, pa.Array]:
    """DDD and number as the register stores them: eight digits even for mobiles.

    A ``dirty`` column also has the placeholder 0/0 (5 %), three-digit area codes (1.4 %) and seven digits (1.6 %).
    """
    texts = pc.fill_null(phone_texts(numbers, "old"), "")
    area, number = (
        pc.utf8_slice_codeunits(texts, 1, 3),
        pc.replace_substring(pc.utf8_slice_codeunits(texts, 5), "-", ""),
    )
    if not dirty:
        return area, number
    chance = rng.random(len(numbers))
    placeholder, long, old = (
        pa.array(m & (numbers > 0)) for m in (chance < 0.055, chance > 0.986, (chance > 0.1) & (chance < 0.116))
    )
    area = pc.if_else(placeholder, "0", pc.if_else(long, joined([_repeat("0", len(numbers)), area], ""), area))
    number = pc.if_else(placeholder, "0", pc.if_else(old, pc.utf8_slice_codeunits(number, 1), number))
    return area, number


def _blanks(rng: Generator, texts: pa.StringArray) -> pa.StringArray:
    """Double blanks inside, blanks around."""
    inner = pc.if_else(
        pa.array(rng.random(len(texts)) < 0.1), pc.replace_substring(texts, " ", "  ", max_replacements=1), texts
    )
    return pc.if_else(pa.array(rng.random(len(texts)) < 0.023), joined([_repeat(" ", len(texts)), inner], ""), inner)


def _dirty_complements(rng: Generator, texts: pa.StringArray) -> pa.StringArray:
    """Aligned blanks, a separator inside the quotes, now and then a NUL byte."""
    count = len(texts)
    texts = pc.if_else(pa.array(rng.random(count) < 0.25), pc.replace_substring(texts, " ", "  "), texts)
    semicolon = pa.array(["LETRA:A;", "LOTE 01;QUADRA 73"]).take(pa.array(rng.integers(0, 2, count)))
    texts = pc.if_else(pa.array(rng.random(count) < 0.001), semicolon, texts)
    return pc.if_else(pa.array(rng.random(count) < 0.0002), "CASA\x00", texts)


def _write_code_lists(folder: Path) -> None:
    """The six look-up files, code and description."""
    lists = {
        "CNAECSV": code_lists.activities(), "MOTICSV": code_lists.registration_reasons(),
        "MUNICCSV": code_lists.register_municipalities(), "NATJUCSV": code_lists.legal_natures(),
        "PAISCSV": code_lists.countries(), "QUALSCSV": code_lists.qualifications(),
    }  # fmt: skip
    for kind, codes in lists.items():
        member = zipfile.ZipInfo(f"F.K03200$Z.{_RELEASE}.{kind}", (2026, 11, 14, 0, 0, 0))
        text = "".join(f'"{code}";"{description}"\n' for code, description in codes.items())
        with zipfile.ZipFile(folder / f"{member.filename}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(member, text.encode("latin-1", "replace"))
