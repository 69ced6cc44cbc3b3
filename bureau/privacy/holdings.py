"""What a population holds of whoever has a tax id: every part of it, with the sources that delivered it."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
import numpy as np

from bureau.ids import ClientId, EntityId
from bureau.matching.layout import ALIAS, ALIAS_TOKENS, DATE, FLAGS, NAME, NAME_TOKENS
from bureau.model.query import Kind
from bureau.model.snapshot import OWNER
from bureau.normalise.documents import cnpj_text
from bureau.normalise.phones import e164
from bureau.population.reader import Population, mapped
from bureau.reference.places import municipalities

_TABLES = {Kind.PERSON: "people", Kind.COMPANY: "companies"}
_EPOCH = dt.date(1970, 1, 1)
_SEXES: dict[int, Literal["M", "F"]] = {1: "M", 2: "F"}

Link = Literal["owner", "partner"]


class Origin(msgspec.Struct, frozen=True):
    """One source that knows the subject: the release that was read, and how many of its rows are theirs."""

    source: str
    release: str
    rows: int


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way in which they were seen. ``name`` and ``mother_name`` are the words that matching compares: at most six
    and four, capitals without accents. A company's ``name`` may be its trade name; its day is when it was opened."""

    name: str
    birth_date: dt.date | None = None
    opened_on: dt.date | None = None
    sex: Literal["M", "F"] | None = None
    mother_name: str | None = None


class ContactReport(msgspec.Struct, frozen=True):
    """What a client reported of a contact: a bounce, a delivery, an opposition (``bureau.overlay.events.Kind``)."""

    at: dt.datetime
    kind: str
    client: ClientId


class HeldContact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``sources`` delivered it; ``shared_by`` counts the entities that claim it, this one among them."""

    sources: list[str]
    first_seen: dt.date | None = None
    last_seen: dt.date | None = None
    shared_by: int = 0
    reports: list[ContactReport] = []


class HeldEmail(HeldContact, kw_only=True, omit_defaults=True):
    address: str

    @property
    def reported_as(self) -> str:
        """As events name it."""
        return self.address


class HeldPhone(HeldContact, kw_only=True, omit_defaults=True):
    number: str

    @property
    def reported_as(self) -> int:
        """As events name it: the national number."""
        return int(self.number.removeprefix("+55"))


class HeldAddress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    street: str | None = None
    number: str | None = None
    complement: str | None = None
    district: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    sources: list[str]
    first_seen: dt.date | None = None
    last_seen: dt.date | None = None


class LinkedCompany(msgspec.Struct, frozen=True):
    """A company they own or are a partner of, as far as the register lets it be known: with that ``probability``."""

    tax_id: str
    name: str
    link: Link
    probability: float


class Registration(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the company register says, in its own codes."""

    legal_nature: int
    size: int
    status: int
    activity: int
    head_office: bool
    opened_on: dt.date | None = None


class Holding(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Everything that is held as one entity. A company's partners are left out: they are other people."""

    name: str
    origins: list[Origin]
    identities: list[Identity]
    emails: list[HeldEmail]
    phones: list[HeldPhone]
    addresses: list[HeldAddress]
    registration: Registration | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """``companies`` are known of a person even where no source of people has them."""

    entity_id: EntityId
    entities: list[Holding]
    companies: list[LinkedCompany]


def held(population: Population, kind: Kind, tax_id: int) -> Held:
    """What is held of the ``tax_id`` (as :class:`~bureau.normalise.documents.TaxId` numbers it); nothing is an answer.

    Reads lineage and registers from end to end, tens of milliseconds for ten million people: not for an event loop.
    """
    entities = population.with_tax_id(kind, tax_id)
    return Held(
        entity_id=population.entity_id_of(kind, tax_id),
        entities=[_holding(population, kind, entity) for entity in entities],
        companies=_companies(population, tax_id, entities) if kind is Kind.PERSON else [],
    )


def _holding(population: Population, kind: Kind, entity: int) -> Holding:
    return Holding(
        name=population.entity_name(kind, entity),
        origins=list(_origins(population, kind, entity)),
        identities=list(_identities(population, kind, entity)),
        emails=[
            HeldEmail(address=population.text(int(claim["value"])), **_claimed(population, claim))
            for claim in population.emails(kind, entity)
        ],
        phones=[
            HeldPhone(number=e164(int(claim["value"])), **_claimed(population, claim))
            for claim in population.phones(kind, entity)
        ],
        addresses=[_address(population, row) for row in population.addresses(kind, entity)],
        registration=_registration(population.facts(entity)) if kind is Kind.COMPANY else None,
    )


def _origins(population: Population, kind: Kind, entity: int) -> Iterator[Origin]:
    table = _TABLES[kind]
    for used in population.manifest.releases:
        lineage = population.directory / "lineage" / table / f"{used.source}_entities.npy"
        if lineage.exists() and (rows := int(np.count_nonzero(mapped(lineage) == entity))):
            yield Origin(used.source, used.release, rows)


def _identities(population: Population, kind: Kind, entity: int) -> Iterator[Identity]:
    register, tokens = population.register(kind), population.display[kind].tokens
    first, after = register.first_record[entity], register.first_record[entity + 1]
    for row in register.records[first:after].tolist():
        name, mother = (
            " ".join([tokens[token] for token in row[start : start + width] if token])
            for start, width in ((NAME, NAME_TOKENS), (ALIAS, ALIAS_TOKENS))
        )
        day = _day_of(row[DATE])
        if kind is Kind.COMPANY:
            yield Identity(name, opened_on=day)
        else:
            yield Identity(name, birth_date=day, sex=_SEXES.get(row[FLAGS] >> 8 & 3), mother_name=mother or None)


def _companies(population: Population, tax_id: int, people: range) -> list[LinkedCompany]:
    """Those that bear the CPF itself, then those that the builder linked."""
    bearing = np.flatnonzero(population.company_facts["owner_tax_id"] == tax_id)
    found: dict[int, tuple[Link, float]] = dict.fromkeys(bearing.tolist(), ("owner", 1.0))
    for person in people:
        for row in population.affiliations(person):
            link: Link = "owner" if row["kind"] == OWNER else "partner"
            found.setdefault(int(row["company"]), (link, round(float(row["probability"]), 4)))
    tax_ids = population.companies.tax_id
    return [
        LinkedCompany(cnpj_text(int(tax_ids[company])), population.entity_name(Kind.COMPANY, company), *linked)
        for company, linked in found.items()
    ]


def _address(population: Population, row: Any) -> HeldAddress:
    place = municipalities()[row["municipality"] - 1] if row["municipality"] else None
    texts: dict[str, Any] = {
        part: population.text(row[part]) for part in ("street", "number", "complement", "district") if row[part]
    }
    return HeldAddress(
        **texts,
        city=place.name if place else None,
        state=place.state if place else None,
        postal_code=f"{row['postal_code']:08}" if row["postal_code"] > 0 else None,
        **_seen(population, row),
    )


def _registration(facts: Any) -> Registration:
    return Registration(
        legal_nature=int(facts["legal_nature"]),
        size=int(facts["size"]),
        status=int(facts["registration_status"]),
        activity=int(facts["activity"]),
        head_office=bool(facts["head_office"]),
        opened_on=_since_epoch(facts["opened_on"]),
    )


def _seen(population: Population, row: Any) -> dict[str, Any]:
    mask = int(row["sources"])
    return {
        "sources": [name for bit, name in enumerate(population.manifest.sources) if mask >> bit & 1],
        "first_seen": _since_epoch(row["first_seen"]),
        "last_seen": _since_epoch(row["last_seen"]),
    }


def _claimed(population: Population, claim: Any) -> dict[str, Any]:
    return {**_seen(population, claim), "shared_by": int(claim["shared_by"])}


def _since_epoch(days: Any) -> dt.date | None:
    return _EPOCH + dt.timedelta(days=int(days)) if days else None


def _day_of(number: int) -> dt.date | None:
    """From yyyymmdd; a day that no calendar has is none."""
    try:
        return dt.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None
