"""Links between people and companies, against a plain reference and by hand."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.layout import DATE, ENTITY, FLAGS, NAME_TOKENS, NO_TAX_ID, TOKEN_BYTES, WIDTH
from bureau.matching.posterior import ORDERS
from bureau.model.snapshot import ADDRESS, COMPANY_FACTS, OWNER, PARTNER
from bureau.normalise.names import PersonName, person_name, sound, sound_code, suffixes_compatible
from bureau.population.affiliations import write_affiliations
from bureau.population.npy import save

TODAY = (20_778, 20261121)  # the register's latest day, both ways


class Person(NamedTuple):
    tax_id: int | None
    names: tuple[str, ...]
    birth: int = 0


class Partner(NamedTuple):
    company: int
    name: str
    digits: int
    band: int = 0
    kind: int = 2


class Company(NamedTuple):
    """``number`` is root * ORDERS + order."""

    number: int
    name: str = "PADARIA"
    owner: int = 0
    head_office: bool = True


class Snapshot(NamedTuple):
    people: Sequence[Person]
    companies: Sequence[Company]
    partners: Sequence[Partner]

    def links(self) -> set[tuple[int | None, int, int]]:
        """(tax id, company number, kind) of every link."""
        return {(self.people[e].tax_id, self.companies[c].number, kind) for e, c, _, kind in self.rows()}

    def rows(self) -> list[tuple[int, int, float, int]]:
        """(person, company, probability, kind)."""
        with written(self) as directory:
            count = write_affiliations(directory)
            rows = np.load(directory / "people/affiliations.npy")
            offsets = np.load(directory / "people/affiliation_offsets.npy").tolist()
        assert count == len(rows) == offsets[-1]
        owner = [e for e in range(len(offsets) - 1) for _ in range(offsets[e], offsets[e + 1])]
        return [(e, *row) for e, row in zip(owner, rows.tolist(), strict=True)]


def snapshot(people: Sequence[Person], companies: Sequence[Company] = (), partners: Sequence[Partner] = ()) -> Snapshot:
    """In the order that a build puts rows into."""
    return Snapshot(
        sorted(people, key=lambda person: person.tax_id or NO_TAX_ID),
        sorted(companies, key=lambda company: company.number),
        sorted(partners, key=lambda partner: partner.company),
    )


@contextmanager
def written(given: Snapshot) -> Iterator[Path]:
    with TemporaryDirectory() as place:
        directory = Path(place)
        write_people(directory / "people", given.people)
        write_companies(directory / "companies", given)
        yield directory


def write_people(directory: Path, people: Sequence[Person]) -> None:
    names = [(e, parts(name)) for e, person in enumerate(people) for name in person.names]
    tokens = vocabulary(token for _, name in names for token in name.content)
    records = np.zeros((len(names), WIDTH), np.int32)
    first, other = Counter[str](), Counter[str]()
    for record, (e, name) in zip(records, names, strict=True):
        record[: len(name.content)] = [tokens.index(token) for token in name.content]
        record[ENTITY], record[DATE], record[FLAGS] = e, people[e].birth, name.suffix
        first[name.content[0]] += 1
        other.update(set(name.content[1:]))
    save(directory / "records.npy", records)
    counts = [0, *(len(person.names) for person in people)]
    save(directory / "first_record.npy", np.cumsum(counts).astype(np.uint32))
    save(directory / "tax_id.npy", np.array([person.tax_id or NO_TAX_ID for person in people], np.int64))
    save(directory / "vocabulary_as_first.npy", np.array([first[token] for token in tokens], np.uint32))
    save(directory / "vocabulary_as_other.npy", np.array([other[token] for token in tokens], np.uint32))
    write_vocabulary(directory, tokens)


def write_companies(directory: Path, given: Snapshot) -> None:
    companies, partners = given.companies, given.partners
    tokens = vocabulary(token for row in (*companies, *partners) for token in row.name.split(" "))
    write_vocabulary(directory, tokens)
    facts = np.zeros(len(companies), COMPANY_FACTS)
    facts["owner_tax_id"] = [company.owner for company in companies]
    facts["head_office"] = [company.head_office for company in companies]
    save(directory / "facts.npy", facts)
    save(directory / "tax_id.npy", np.array([company.number for company in companies], np.int64))
    addresses = np.zeros(1, ADDRESS)
    addresses["last_seen"] = TODAY[0]
    save(directory / "addresses.npy", addresses)
    for prefix, rows in (("", companies), ("partners_", partners)):
        numbers = [[tokens.index(token) for token in row.name.split(" ")] for row in rows]
        save(directory / f"{prefix}name_offsets.npy", np.cumsum([0, *map(len, numbers)]).astype(np.uint32))
        save(directory / f"{prefix}name_tokens.npy", np.array([*chain.from_iterable(numbers)], np.uint32))
    save(directory / "partners_root.npy", np.array([partner.company // ORDERS for partner in partners], np.int64))
    save(directory / "partners_kind.npy", np.array([partner.kind for partner in partners], np.uint8))
    save(directory / "partners_masked_cpf.npy", np.array([partner.digits for partner in partners], np.int32))
    save(directory / "partners_tax_id.npy", np.full(len(partners), NO_TAX_ID))
    save(directory / "partners_age_band.npy", np.array([partner.band for partner in partners], np.uint8))


def vocabulary(tokens: Iterator[str]) -> list[str]:
    return ["", *sorted(set(tokens))]


def write_vocabulary(directory: Path, tokens: list[str]) -> None:
    letters = np.array([token.encode()[:TOKEN_BYTES] for token in tokens], f"S{TOKEN_BYTES}")
    save(directory / "vocabulary_letters.npy", letters.view(np.uint8).reshape(-1, TOKEN_BYTES))
    save(directory / "vocabulary_length.npy", np.array([len(token) for token in tokens], np.uint8))
    save(directory / "vocabulary_sound.npy", np.array([0, *map(sound_code, tokens[1:])], np.uint32))


def parts(text: str) -> PersonName:
    """A name as records keep it: of more than six tokens the first five and the last."""
    name = person_name(text)
    assert name
    content = name.content if len(name.content) <= NAME_TOKENS else (*name.content[:5], name.content[-1])
    return PersonName(content, name.suffix, name.display)


class Reference:
    """The same model, one pair at a time."""

    def __init__(self, given: Snapshot) -> None:
        self.given = given
        self.names = [parts(name) for person in given.people for name in person.names]
        bands = Counter(partner.band for partner in given.partners if partner.band)
        self.share = {band: (bands[band] + 1) / (sum(bands.values()) + 10) for band in range(1, 10)}

    def link(self, partner: Partner) -> tuple[int, float]:
        """(person, probability) of the likeliest one; -1 when nobody fits."""
        odds = {
            e: 2.0 ** max(self.bits(partner, name, person.birth) for name in person.names) / 223.8
            for e, person in enumerate(self.given.people)
            if person.tax_id and person.tax_id // 100 % 10**6 == partner.digits
        }
        best = max(odds, key=lambda e: odds[e], default=-1)
        return (best, odds[best] / (1 + sum(odds.values()))) if best >= 0 and odds[best] else (-1, 0.0)

    def bits(self, partner: Partner, found: str, birth: int) -> float:
        ours, theirs = parts(found), parts(partner.name)
        if sound(ours.content[0]) != sound(theirs.content[0]):
            return -math.inf
        left, shared = Counter(map(sound, theirs.content[1:])), [self.rarity(ours.content[0], first=True)]
        for token in ours.content[1:]:
            if left[sound(token)]:
                left[sound(token)] -= 1
                shared.append(self.rarity(token, first=False))
        wanting, extra = len(theirs.content) - len(shared), len(ours.content) - len(shared)
        match (wanting, extra):
            case (0, 0):
                likely = 0.95
            case (0, _) | (_, 0) if len(shared) > 1:
                likely = 0.03 / 2
            case (1, 1) if len(shared) > 1:
                likely = 0.015 / 2
            case _:
                return -math.inf
        return math.log2(likely) + sum(shared) + self.suffix(ours, theirs) + self.age(partner.band, birth)

    def rarity(self, token: str, *, first: bool) -> float:
        count = sum(
            len({other for other in (name.content[:1] if first else name.content[1:]) if sound(other) == sound(token)})
            for name in self.names
        )
        return max(0.0, math.log2(len(self.names) + 1) - math.log2(count + 0.5))

    @staticmethod
    def suffix(one: PersonName, other: PersonName) -> float:
        if suffixes_compatible(one.suffix, other.suffix):
            return 0.0
        return -7.0 if one.suffix and other.suffix else -1.5

    def age(self, band: int, birth: int) -> float:
        if not band or not birth:
            return 0.0
        lowest, highest = [(0, 12), (13, 20), *((age, age + 9) for age in range(21, 80, 10)), (81, 199)][band - 1]
        fits = lowest - 1 <= (TODAY[1] - birth) // 10000 <= highest + 1
        return math.log2(0.98 / self.share[band] if fits else 0.02 / (1 - self.share[band]))


TOKENS = ("ANA", "JOSE", "SOUSA", "SOUZA", "LIMA", "XAVANTE", "DE", "FILHO", "JUNIOR", "NETO", "SA", "ME", "DR")
full_names = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=9).map(" ".join)
tax_ids = st.builds(
    lambda hidden, digits, check: (hidden * 10**6 + digits) * 100 + check,
    st.integers(1, 999), st.integers(1, 3), st.integers(0, 99),
)  # fmt: skip
births = st.sampled_from([0, 19400101, 19450615, 19800228, 19951121, 20130301])
people = st.builds(Person, st.none() | tax_ids, st.lists(full_names, min_size=1, max_size=2).map(tuple), births)
partners = st.builds(
    Partner, st.sampled_from([5 * ORDERS, 7 * ORDERS]), full_names, st.integers(1, 3), st.integers(0, 9), st.just(2)
)


@st.composite
def acquainted(draw: st.DrawFn, somebody: list[Person]) -> Partner:
    """A partner row that may well mean one of them."""
    person, partner = draw(st.sampled_from(somebody)), draw(partners)
    if person.tax_id is None:
        return partner
    return partner._replace(name=draw(st.sampled_from(person.names)), digits=person.tax_id // 100 % 10**6)


CROWD = [
    Person(90_000_000_000 + i, (f"ANA {chr(65 + i % 26)}A{chr(65 + i // 26)} LIMA",), 19800228) for i in range(400)
]
companies = [Company(5 * ORDERS + 1), Company(7 * ORDERS + 1)]


@settings(max_examples=100)
@given(st.data(), st.lists(people, min_size=1, max_size=8, unique_by=lambda p: p.tax_id or object()))
def test_partners_are_linked_as_the_plain_model_says(data: st.DataObject, somebody: list[Person]) -> None:
    asked = data.draw(st.lists(acquainted(somebody) | partners, min_size=1, max_size=4))
    given = snapshot([*CROWD[:60], *somebody], companies, asked)
    reference, expected = Reference(given), dict[tuple[int, int], float]()
    for partner in given.partners:
        person, probability = reference.link(partner)
        if probability > 0.5:
            place = (person, 0 if partner.company == companies[0].number // ORDERS * ORDERS else 1)
            expected[place] = max(expected.get(place, 0.0), probability)
    found = {(e, c): probability for e, c, probability, _ in given.rows()}
    assert expected.keys() == found.keys()
    for place, probability in expected.items():
        assert probability == pytest.approx(found[place], abs=1e-6)


@settings(max_examples=60)
@given(st.data(), st.lists(people, min_size=1, max_size=8, unique_by=lambda p: p.tax_id or object()))
def test_no_link_ever_contradicts_a_known_cpf(data: st.DataObject, somebody: list[Person]) -> None:
    asked = data.draw(st.lists(acquainted(somebody) | partners, max_size=4))
    names = [name for person in somebody for name in person.names]
    numbers = [person.tax_id for person in somebody if person.tax_id] or [1]
    owners = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(numbers) | tax_ids), max_size=5))
    firms = [Company((100 + i) * ORDERS + 1, name, owner) for i, (name, owner) in enumerate(owners)]
    given = snapshot([*CROWD[:60], *somebody], [*companies, *firms], asked)
    for person, company, _, kind in given.rows():
        tax_id = given.people[person].tax_id
        assert tax_id
        if kind == OWNER:
            assert tax_id == given.companies[company].owner
        else:
            number = given.companies[company].number // ORDERS
            assert tax_id // 100 % 10**6 in {p.digits for p in asked if p.company // ORDERS == number}


GETULIO = Person(11122233344, ("GETULIO QUIRINO XAVANTE",), 19800228)
DIGITS = 222333
BAKERY, SHOP = Company(5 * ORDERS + 1), Company(7 * ORDERS + 1)


def test_a_partner_of_the_same_name_and_digits_is_linked() -> None:
    one = Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", DIGITS)
    assert {(GETULIO.tax_id, BAKERY.number, PARTNER)} == snapshot([*CROWD, GETULIO], [BAKERY, SHOP], [one]).links()


@pytest.mark.parametrize(
    "partner",
    [
        Partner(BAKERY.number, "BENEDITA QUIRINO XAVANTE", DIGITS),
        Partner(BAKERY.number, "GETULIO SOARES PRADO", DIGITS),
        Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", DIGITS + 1),
        Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", -1),
        Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", DIGITS, kind=3),
        Partner(9 * ORDERS, "GETULIO QUIRINO XAVANTE", DIGITS),
    ],
    ids=["other first name", "other family", "other digits", "no digits", "foreigner", "unlisted company"],
)
def test_another_partner_is_not_linked(partner: Partner) -> None:
    assert set() == snapshot([*CROWD, GETULIO], [BAKERY, SHOP], [partner]).links()


def test_of_two_namesakes_with_the_same_digits_neither_is_linked_unless_their_age_tells() -> None:
    older = Person(99922233300, GETULIO.names, 19500101)
    asked = Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", DIGITS)
    everybody = [*CROWD, GETULIO, older]
    assert set() == snapshot(everybody, [BAKERY], [asked]).links()
    aged = [asked._replace(band=8), Partner(SHOP.number, "GETULIO QUIRINO XAVANTE", DIGITS, band=5)]
    expected = {(older.tax_id, BAKERY.number, PARTNER), (GETULIO.tax_id, SHOP.number, PARTNER)}
    assert expected == snapshot(everybody, [BAKERY, SHOP], aged).links()


def test_a_maiden_name_is_a_name_of_hers() -> None:
    wife = Person(11122233344, ("RAIMUNDA PRADO XAVANTE", "RAIMUNDA PRADO QUIRINO"), 19800228)
    asked = Partner(BAKERY.number, "RAIMUNDA PRADO QUIRINO", DIGITS)
    assert {(wife.tax_id, BAKERY.number, PARTNER)} == snapshot([*CROWD, wife], [BAKERY], [asked]).links()


def test_an_entrepreneur_is_linked_by_the_cpf_in_the_name_when_the_names_agree() -> None:
    mine = Company(5 * ORDERS + 1, "GETULIO QUIRINO XAVANTE ME", 11122233344)
    anothers = Company(7 * ORDERS + 1, "BENEDITA QUIRINO XAVANTE", 11122233344)
    unknown = Company(8 * ORDERS + 1, "GETULIO QUIRINO XAVANTE", 55522233344)
    found = snapshot([*CROWD, GETULIO], [mine, anothers, unknown])
    assert {(GETULIO.tax_id, mine.number, OWNER)} == found.links()
    ((_, _, probability, _),) = found.rows()
    assert probability > 0.999


def test_a_link_goes_to_the_head_office_once() -> None:
    branch = Company(5 * ORDERS + 1, "GETULIO QUIRINO XAVANTE", 11122233344, head_office=False)
    head = branch._replace(number=5 * ORDERS + 2, head_office=True)
    asked = Partner(branch.number, "GETULIO QUIRINO XAVANTE", DIGITS)
    ((_, company, _, kind),) = snapshot([*CROWD, GETULIO], [branch, head], [asked, asked]).rows()
    assert (1, OWNER) == (company, kind)


def test_without_people_or_companies_there_are_no_links() -> None:
    asked = Partner(BAKERY.number, "GETULIO QUIRINO XAVANTE", DIGITS)
    assert [] == snapshot([GETULIO], [], [asked]).rows()
    assert [] == snapshot([], [BAKERY], [asked]).rows()
