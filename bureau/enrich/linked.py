"""Who holds contacts that may reach an entity: itself, a person's companies, a branch's head office.

A branch is no legal person of its own: its debts are the company's (STJ, REsp 1.355.812). And what a small company gave
the register as its contact is often its owner's. Such contacts are marked ``via`` and come last.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.contacts.survivorship import Holding, Value
from bureau.matching.posterior import ORDERS
from bureau.model.query import Kind
from bureau.population import Population
from bureau.population.lists import ClaimRow, Lists

PROBABLE = 0.95
"""Least probability of a link whose contacts are answered: the one that a match needs unless the client says so."""

MOST = 3
"""Companies of one person whose contacts are answered, active ones first."""

ANYBODYS = 10
"""A linked contact that as many claim is not answered: from ten on it is an accountant's or an office's
(``contacts.weights.SHARED``), who would learn of a client's debt."""

_ACTIVE = 2
_AS_KEPT = float(np.float32(PROBABLE))
_SHARED_BY = 4  # place in a CLAIM row


class Linked(NamedTuple):
    """``via`` is shown with the company's contacts."""

    company: int
    via: str


def linked_companies(population: Population, kind: Kind, entity: int) -> list[Linked]:
    """A branch's head office; of a person the companies that they almost certainly own or are a partner of."""
    if kind is Kind.COMPANY:
        head = population.head_office(entity)
        return [] if head == entity else [Linked(head, f"{population.entity_name(kind, head)} (head office)")]
    status = population.company_facts["registration_status"]
    sure = [
        (bool(status[company] != _ACTIVE), -probability, company)
        for company, probability, _ in population.affiliated.of(entity)
        if probability >= _AS_KEPT
    ]
    return [Linked(company, population.entity_name(Kind.COMPANY, company)) for _, _, company in sorted(sure)[:MOST]]


def have_linked(population: Population, kind: Kind, entities: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each entity (-1: none) may have linked companies; without them its own contacts are all there is."""
    known = np.flatnonzero(entities >= 0)
    found = np.zeros(len(entities), np.bool_)
    chosen = entities[known]
    if kind is Kind.PERSON:
        offsets = population.affiliation_offsets
        found[known] = offsets[chosen + 1] > offsets[chosen]
        return found
    tax_id, head_office = population.companies.tax_id, population.company_facts["head_office"]
    beside = [chosen.clip(1) - 1, (chosen + 1).clip(max=len(tax_id) - 1)]
    root = tax_id[chosen] // ORDERS
    sibling = [(tax_id[place] // ORDERS == root) & (place != chosen) for place in beside]
    found[known] = (head_office[chosen] == 0) & (sibling[0] | sibling[1])
    return found


class Holder(NamedTuple):
    """An entity, and the companies whose contacts may reach it."""

    kind: Kind
    entity: int
    linked: Sequence[Linked]


def holder(population: Population, kind: Kind, entity: int) -> Holder:
    """The entity with its linked companies."""
    return Holder(kind, entity, linked_companies(population, kind, entity))


def held_emails(population: Population, holder: Holder) -> list[Holding]:
    """The e-mails of an entity, then those of its linked companies."""

    def texts(claims: Sequence[ClaimRow]) -> list[Value]:
        return [population.text(claim[0]) for claim in claims]

    own = population.held[holder.kind].emails.of(holder.entity)
    return [Holding(texts(own), own), *_of_linked(holder.linked, population.held[Kind.COMPANY].emails, texts)]


def held_phones(population: Population, holder: Holder) -> list[Holding]:
    """Likewise for phones."""

    def numbers(claims: Sequence[ClaimRow]) -> list[Value]:
        return [claim[0] for claim in claims]

    own = population.held[holder.kind].phones.of(holder.entity)
    return [Holding(numbers(own), own), *_of_linked(holder.linked, population.held[Kind.COMPANY].phones, numbers)]


def _of_linked(
    companies: Sequence[Linked], rows: Lists, values: Callable[[Sequence[ClaimRow]], list[Value]]
) -> Iterator[Holding]:
    for linked in companies:
        claims = [claim for claim in rows.of(linked.company) if claim[_SHARED_BY] < ANYBODYS]
        yield Holding(values(claims), claims, linked.via)
