"""A table of records in, the flat columns of their answers out, without a Python object a row.

The same columns as ``columns.flat_table`` makes of ``batch.answer_records`` (a test says so), many times as fast: for
results that show nothing else of an answer.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.contacts.ranking import EMAILS, PHONES, Parameters
from bureau.enrich.column_contacts import Claims, Sent, Shown, choose, sent_emails, sent_phones
from bureau.enrich.column_linked import companies_of, held_claims
from bureau.enrich.column_texts import ShownTexts, spread
from bureau.enrich.column_verdicts import (
    Columns,
    email_columns,
    email_verdicts,
    not_settled,
    phone_columns,
    phone_verdicts,
    unjudged,
)
from bureau.enrich.columns import FLAT, SHOWN
from bureau.enrich.contacts import EPOCH
from bureau.enrich.single import Enricher
from bureau.matching.posterior import Outcome
from bureau.model.answer import Status
from bureau.model.query import Depth, Kind, Options
from bureau.normalise.record_columns import CanonicalColumns, canonical_columns
from bureau.normalise.repair_columns import repair_notes

_STATUSES = pa.array([Status.MATCHED.value, Status.AMBIGUOUS.value, Status.NOT_FOUND.value, Status.REFUSED.value])
_REFUSED = 3  # the first three are numbered as in Outcome
_WHY_REFUSED = "record: nothing_to_search"


class Found(NamedTuple):
    """Who each row is: ``status`` is a row of :data:`_STATUSES`, ``entity`` -1 unless matched, ``probability`` that of
    the best candidate, whoever is answered."""

    status: NDArray[np.uint8]
    entity: NDArray[np.int64]
    probability: pa.Array

    def without(self, lost: NDArray[np.bool_]) -> "Found":
        """As if nobody had been found in some rows: a match without a required contact is answered as a miss."""
        return Found(
            np.where(lost, np.uint8(Outcome.NOT_FOUND), self.status),
            np.where(lost, -1, self.entity),
            pc.if_else(pa.array(lost), None, self.probability),
        )


class Contacts(NamedTuple):
    """The first e-mails and phones of every row."""

    emails: Shown
    phones: Shown
    email_claims: Claims
    phone_claims: Claims


class ColumnAnswers:
    """Answers tables from one population."""

    def __init__(self, enricher: Enricher) -> None:
        self._enricher = enricher
        self._texts = ShownTexts(enricher.population)

    def flat(self, table: pa.Table, kind: Kind, options: Options, at: datetime) -> pa.Table:
        """The columns of ``columns.FLAT`` for records of one kind, in the canonical columns of ``intake.canonical``."""
        asked = canonical_columns(table, kind, at.date())
        found = self._found(asked, kind, options)
        contacts = self._contacts(asked, found, kind, options, at)
        lost = _lacking(contacts, found, options)
        if lost.any():
            found = found.without(lost)
            contacts = self._contacts(asked, found, kind, options, at)
        emails, phones = self._judged(asked, contacts, kind, options, at)
        matched = np.flatnonzero(found.entity >= 0)
        shown = {
            "status": _STATUSES.take(pa.array(found.status)),
            "probability": found.probability,
            "entity_id": spread(self._texts.entity_ids(kind, found.entity[matched]), matched, table.num_rows),
            "name": spread(self._texts.names(kind, found.entity[matched]), matched, table.num_rows),
            "repairs": pc.if_else(pa.array(found.status == _REFUSED), _WHY_REFUSED, repair_notes(asked)),
            **_ranked("email", emails, contacts.emails, table.num_rows),
            **_ranked("phone", phones | not_settled(len(phones[""])), contacts.phones, table.num_rows),
            **self._texts.places(kind, found.entity),
            "charge": pa.array((found.entity >= 0).astype(np.int8)),
        }
        return pa.table([shown[field.name.removeprefix("bureau_")] for field in FLAT], schema=FLAT)

    def _found(self, asked: CanonicalColumns, kind: Kind, options: Options) -> Found:
        matches, decisions = self._enricher.finder(kind).find_columns(asked, options.min_probability)
        refused = ~asked.searchable
        status = np.where(refused, np.uint8(_REFUSED), decisions.outcome)
        chosen = matches.entity[np.arange(len(status)), decisions.chosen]
        # Python's rounding, not numpy's: it is the decimal one.
        probability = [round(p, 6) for p in decisions.probability.tolist()]
        return Found(
            status,
            np.where(status == Outcome.MATCHED, chosen, -1).astype(np.int64),
            pa.array(probability, pa.float64(), mask=refused),
        )

    def _contacts(self, asked: CanonicalColumns, found: Found, kind: Kind, options: Options, at: datetime) -> Contacts:
        today, age = day_number(at), options.max_age_days or 0
        answered = found.status != _REFUSED

        def chosen(what: int, claims: Claims, sent: Sent, area_codes: NDArray[np.int64]) -> Shown:
            return choose(claims, sent, area_codes, Parameters(what, today, max_age_days=age)).only(answered)

        texts, companies = self._texts, companies_of(self._enricher.population, kind, found.entity)
        emails = held_claims(texts.emails(kind), found.entity, texts.emails(Kind.COMPANY), companies)
        phones = held_claims(texts.phones(kind), found.entity, texts.phones(Kind.COMPANY), companies)
        nowhere, area_codes = np.zeros(len(found.entity), np.int64), texts.area_codes(kind, found.entity)
        return Contacts(
            chosen(EMAILS, emails, sent_emails(asked.emails, emails, texts.heap), nowhere),
            chosen(PHONES, phones, sent_phones(asked.phones, phones), area_codes),
            emails,
            phones,
        )

    def _judged(
        self, asked: CanonicalColumns, contacts: Contacts, kind: Kind, options: Options, at: datetime
    ) -> tuple[Columns, Columns]:
        claims = contacts.email_claims
        emails = email_columns(contacts.emails, asked.emails, claims, self._texts)
        phones, numbers = phone_columns(contacts.phones, asked.phones, contacts.phone_claims)
        if options.depth is Depth.NONE:
            return emails | unjudged(len(emails[""])), phones | unjudged(len(numbers))
        verdicts = email_verdicts(emails[""], contacts.emails, claims, day_number(at), kind)
        return emails | verdicts, phones | phone_verdicts(phones[""], numbers)


def day_number(at: datetime) -> int:
    """Days since 1970-01-01."""
    return (at.astimezone(UTC).date() - EPOCH).days


def _lacking(contacts: Contacts, found: Found, options: Options) -> NDArray[np.bool_]:
    """Matched rows without a contact that the client requires from the population."""
    lost = np.zeros(len(found.entity), np.bool_)
    for required in options.require:
        shown = contacts.emails if required == "email" else contacts.phones
        reached = np.zeros(len(lost), np.bool_)
        reached[shown.slots[: len(shown.claims)] // SHOWN] = True
        lost |= ~reached
    return lost & (found.entity >= 0)


def _ranked(contact: str, columns: Columns, shown: Shown, rows: int) -> Columns:
    """The columns of the first, second and third contact."""
    places = np.full(rows * SHOWN, -1, np.int64)
    places[shown.slots] = np.arange(len(shown.slots))
    ranks = [pa.array(places[rank::SHOWN], mask=places[rank::SHOWN] < 0) for rank in range(SHOWN)]
    return {
        f"{contact}_{rank}{suffix}": column.take(taken)
        for rank, taken in enumerate(ranks, start=1)
        for suffix, column in columns.items()
    }
