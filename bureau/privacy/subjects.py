"""Data-subject access (LGPD art. 18 and 19): what is held of somebody, and who was told of it."""

import datetime as dt
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from bureau.access.keys import Principal
from bureau.access.roles import Role
from bureau.ids import EntityId, PopulationId
from bureau.model.query import Kind
from bureau.overlay.event_log import EventLog
from bureau.population.manifest import Manifest
from bureau.privacy.audit import Disclosure, disclosures
from bureau.privacy.holdings import ContactReport, Held, HeldEmail, HeldPhone, Holding, LinkedCompany
from bureau.store import Store

MOST = 1_000
"""Disclosures in one answer."""


class Scope(StrEnum):
    """How much an answer tells: everything, to an officer; to a client only what that client was told."""

    EVERYTHING = "everything"
    OWN = "own"


class Subject(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is about whoever has the tax id. ``entities`` and ``companies`` are absent from the answer to a
    client (``scope``: ``own``). ``disclosures`` come latest first; ``next_before`` is the ``before`` of the next page,
    if there may be one. The tax id itself is not repeated."""

    kind: Kind
    scope: Scope
    entity_id: EntityId
    population: PopulationId
    population_built_at: dt.datetime
    entities: list[Holding] | None = None
    companies: list[LinkedCompany] | None = None
    disclosures: list[Disclosure]
    next_before: dt.datetime | None = None

    @property
    def told(self) -> tuple[str, ...]:
        """The names of the parts that are not empty, as the audit trail keeps them."""
        parts = {"entities": self.entities, "companies": self.companies, "disclosures": self.disclosures}
        return tuple(name for name, part in parts.items() if part)


class Holdings(Protocol):
    """What is held in the population in use; ``bureau.answering.client.AnsweringProcess`` in service."""

    manifest: Manifest

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId: ...

    async def holdings(self, kind: Kind, tax_id: int) -> Held: ...


class Records(NamedTuple):
    """Where it is looked up."""

    holdings: Holdings
    store: Store
    events: EventLog


async def subject_access(records: Records, kind: Kind, tax_id: int, asker: Principal, before: dt.datetime) -> Subject:
    """All that ``asker`` may know of the subject; that nothing is held is an answer too.

    Raises ``StoreUnavailable`` and ``PopulationUnavailable``. The caller records that it was asked, and by whom, before
    the answer leaves.
    """
    manifest, entity_id = records.holdings.manifest, records.holdings.entity_id_of(kind, tax_id)
    everything = asker.role is Role.OFFICER
    found = await _everything(records, kind, tax_id) if everything else None
    of_client = None if everything else asker.client
    told = await disclosures(records.store, entity_id, before, MOST, of_client)
    return Subject(
        kind=kind,
        scope=Scope.EVERYTHING if everything else Scope.OWN,
        entity_id=entity_id,
        population=PopulationId(manifest.id),
        population_built_at=dt.datetime.fromisoformat(manifest.created_at),
        entities=found.entities if found else None,
        companies=found.companies if found else None,
        disclosures=told,
        next_before=told[-1].at if len(told) >= MOST else None,
    )


async def _everything(records: Records, kind: Kind, tax_id: int) -> Held:
    found = await records.holdings.holdings(kind, tax_id)
    contacts: list[HeldEmail | HeldPhone] = []
    for entity in found.entities:
        contacts.extend(entity.emails)
        contacts.extend(entity.phones)
    reported = await records.events.reported([one.reported_as for one in contacts]) if contacts else []
    for contact, events in zip(contacts, reported, strict=True):
        contact.reports = [ContactReport(event.at, event.kind, event.client) for event in events]
    return found
