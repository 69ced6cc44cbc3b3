"""Questions to the audit trail, which is the usage ledger itself (see ``store/migrations/0001_access.sql``)."""

import datetime as dt

import msgspec

from bureau.ids import ClientId, EntityId, RequestId
from bureau.model.query import Purpose
from bureau.store import Store


class Disclosure(msgspec.Struct, frozen=True):
    """One answer that carried something of an entity: to whom, when, why, and the names of the fields that left."""

    at: dt.datetime
    request_id: RequestId
    client: ClientId
    operation: str
    purpose: Purpose | None
    fields: tuple[str, ...]


async def disclosures(
    store: Store, entity_id: EntityId, before: dt.datetime, most: int, client: ClientId | None = None
) -> list[Disclosure]:
    """Who was given something of the entity, as the one found or as a candidate, the latest first: ``most`` answers
    from before that moment and any as old as the last of them, those to one ``client`` or to everybody.

    What a data subject may ask (LGPD art. 18 VII, art. 19), and who has to hear of a correction within five working
    days (CDC art. 43 §3, LGPD art. 18 §6). Answers that carried nothing are left out.
    """
    rows = await store.fetch("audit.disclosures", entity_id, before, most, client)
    return [msgspec.convert(dict(row), Disclosure) for row in rows]


async def drop_months_before(store: Store, first_kept: dt.date) -> list[str]:
    """Drop the months that end before the one of ``first_kept``; the names of the dropped tables.

    How long to keep is the operator's to say: incident records are kept five years (ANPD Res. 15/2024), and what
    was billed as long as tax law asks. There is no way to delete less than a month.
    """
    return [row["partition"] for row in await store.fetch("audit.drop_before", first_kept)]
