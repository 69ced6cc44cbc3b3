"""The contacts of a group of answers, ranked at once: ``survivorship.survivors`` for many (a test holds both equal).

Answer by answer contacts took 42 µs a record, and take 28 so. Evidence rows are not made here: answers that are
to be explained go through ``survivors``.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, entry
from bureau.contacts import kernel
from bureau.contacts.ranking import EMAILS, PHONES, chance
from bureau.contacts.survivorship import Contact, Value, with_sent
from bureau.enrich.column_contacts import Claims
from bureau.enrich.column_linked import Companies, count, gather
from bureau.enrich.contacts import Asked, area_code_of, email_answers, emails_of, phone_answers, phones_of
from bureau.enrich.linked import Holder
from bureau.model.answer import EmailAnswer, PhoneAnswer
from bureau.model.query import Kind
from bureau.model.snapshot import CLAIM
from bureau.population import Population

FEW = 4
"""Fewer answers than these go one by one: in twos a group took a tenth longer than that, in fours as long."""


class GroupAnswers:
    """E-mails and phones of the answers of a group, from one population."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._emails, self._phones = GroupContacts(population, EMAILS), GroupContacts(population, PHONES)

    def emails(self, batch: Sequence[Asked], held: Sequence[Holder | None]) -> list[list[EmailAnswer]]:
        """``contacts.emails_of`` each."""
        found = _of_the_found(self._emails, batch, held)
        return [
            email_answers(found[place], asked) if place in found else emails_of(self._population, held[place], asked)
            for place, asked in enumerate(batch)
        ]

    def phones(self, batch: Sequence[Asked], held: Sequence[Holder | None]) -> list[list[PhoneAnswer]]:
        """``contacts.phones_of`` each."""
        found = _of_the_found(self._phones, batch, held)
        return [
            phone_answers(found[place], asked) if place in found else phones_of(self._population, held[place], asked)
            for place, asked in enumerate(batch)
        ]


def _of_the_found(
    ranking: "GroupContacts", batch: Sequence[Asked], held: Sequence[Holder | None]
) -> dict[int, list[Contact]]:
    """By place in the batch, where enough were found that need no evidence rows."""
    alike: dict[Kind, list[int]] = {}
    for place, holder in enumerate(held):
        if holder and not batch[place].options.explain:
            alike.setdefault(holder.kind, []).append(place)
    found: dict[int, list[Contact]] = {}
    for kind, places in alike.items():
        if len(places) >= FEW:
            wanted = [ranking.wanted(whose, batch[place]) for place in places if (whose := held[place])]
            found.update(zip(places, ranking.survivors(kind, wanted), strict=True))
    return found


class Wanted(NamedTuple):
    """One answer: whose contacts, and what its client sent, in canonical form and as far as it is a claim's value."""

    holder: Holder
    asked: Asked
    sent: Sequence[Value]
    claimed: Sequence[int]


class GroupContacts:
    """Ranks the contacts of one sort, ``EMAILS`` or ``PHONES``, of one population's entities."""

    def __init__(self, population: Population, sort: int) -> None:
        self._population = population
        self._sort = sort
        self._claims = {kind: _claims(population, kind, sort) for kind in Kind}
        self._tables = kernel.tables()
        nobody = _Group(np.zeros((0, _COLUMNS), np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
        common = self._claims[Kind.COMPANY], sort, self._tables
        self._survive = {kind: entry(_survivors, nobody, self._claims[kind], *common) for kind in Kind}

    def wanted(self, holder: Holder, asked: Asked) -> Wanted:
        """What the contacts of one answer depend on."""
        if self._sort == PHONES:
            numbers = [number for _, number in asked.canonical.phones]
            return Wanted(holder, asked, numbers, numbers)
        addresses = [address for _, address in asked.canonical.emails]
        return Wanted(holder, asked, addresses, list(self._texts_of(holder, addresses)) if addresses else ())

    def survivors(self, kind: Kind, group: Sequence[Wanted]) -> list[list[Contact]]:
        """What ``survivorship.survivors`` makes of each answer, all of whose holders are of one kind."""
        rows, companies, sent = list[tuple[int, ...]](), list[int](), list[int]()
        for wanted in group:
            companies += [linked.company for linked in wanted.holder.linked]
            sent += wanted.claimed
            rows.append((*self._circumstances(wanted), len(companies), len(sent)))
        claims, bits, starts = self._survive[kind](
            _Group(np.array(rows, np.int64), np.array(companies, np.int64), np.array(sent, np.int64)),
            self._claims[kind],
            self._claims[Kind.COMPANY],
            self._sort,
            self._tables,
        )
        contacts = self._contacts(claims.tolist(), bits.tolist(), group)
        bounds = starts.tolist()
        return [
            with_sent(contacts[bounds[answer] : bounds[answer + 1]], wanted.sent) for answer, wanted in enumerate(group)
        ]

    def _circumstances(self, wanted: Wanted) -> tuple[int, int, int, int]:
        holder, asked = wanted.holder, wanted.asked
        area_code = area_code_of(self._population, holder) if self._sort == PHONES else 0
        return holder.entity, area_code, asked.today, asked.options.max_age_days or 0

    def _contacts(self, claims: list[list[int]], bits: list[float], group: Sequence[Wanted]) -> list[Contact]:
        """Of all answers, one after the other."""
        via = [linked.via for wanted in group for linked in wanted.holder.linked]
        text = self._population.text if self._sort == EMAILS else None
        return [
            Contact(
                text(value) if text else value,
                bool(known),
                chance(weight),
                first_seen,
                last_seen,
                sources.bit_count(),
                shared_by,
                via[place] if place >= 0 else None,
            )
            for (value, first_seen, last_seen, sources, shared_by, known, place), weight in zip(
                claims, bits, strict=True
            )
        ]

    def _texts_of(self, holder: Holder, addresses: Sequence[str]) -> Iterator[int]:
        """The rows of texts, among the holder's and its companies' claims, that are one of the addresses."""
        held, text = self._population.held, self._population.text
        lists = [held[holder.kind].emails.of(holder.entity)]
        lists += [held[Kind.COMPANY].emails.of(linked.company) for linked in holder.linked]
        return (claim[0] for claims in lists for claim in claims if text(claim[0]) in addresses)


def _claims(population: Population, kind: Kind, sort: int) -> Claims:
    display = population.display[kind]
    if sort == EMAILS:
        return Claims(display.emails, display.email_offsets)
    return Claims(display.phones, display.phone_offsets)


_ENTITY, _AREA_CODE, _TODAY, _MAX_AGE, _COMPANIES, _SENT, _COLUMNS = range(7)
"""Columns of what is asked: the last two say where the answer's companies and claim values sent end."""


class _Group(NamedTuple):
    """``asked`` has a row an answer, columns as above."""

    asked: NDArray[np.int64]
    companies: NDArray[np.int64]
    sent: NDArray[np.int64]


@compiled
def _survivors(
    group: _Group, own: Claims, linked: Claims, sort: int, tables: kernel.Tables
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Of answer a the claims ``starts[a]`` to ``starts[a + 1]``, best first: value, first_seen, last_seen, sources,
    shared_by, whether the client sent it, and the place of the linked company that holds it (-1: the entity); the
    bits of each; and ``starts``."""
    asked, companies, sent = group
    answers = len(asked)
    entities = asked[:, _ENTITY].copy()
    ends = np.zeros((2, answers + 1), np.int64)
    ends[0, 1:], ends[1, 1:] = asked[:, _COMPANIES], asked[:, _SENT]
    most = count(own, entities) + count(linked, companies)
    rows, holders = np.empty(most, CLAIM), np.empty(most, np.int64)
    offsets = np.zeros(2 * answers + 1, np.uint32)
    gather(own, entities, linked, Companies(companies, ends[0]), (rows, holders, offsets))
    order = kernel.Order(
        np.empty(most, np.int64), np.empty(most), np.empty(most, np.bool_), np.zeros(answers + 1, np.int64)
    )
    asking = kernel.Asking(
        asked[:, _AREA_CODE].copy(), asked[:, _TODAY].copy(), asked[:, _MAX_AGE].copy(), kernel.Sent(sent, ends[1])
    )
    kernel.rank_all(rows, offsets, asking, sort, tables, order)
    found = order.starts[answers]
    claims = np.empty((found, 7), np.int64)
    for place in range(found):
        row = order.rows[place]
        claim = rows[row]
        claims[place, 0], claims[place, 1], claims[place, 2] = claim.value, claim.first_seen, claim.last_seen
        claims[place, 3], claims[place, 4] = claim.sources, claim.shared_by
        claims[place, 5], claims[place, 6] = order.known[place], holders[row]
    return claims, order.bits[:found].copy(), order.starts
