"""Who holds contacts that may reach an entity: itself, a person's companies, a branch's head office.

A branch is no legal person of its own: its debts are the company's (STJ, REsp 1.355.812). And what a small company gave
the register as its contact is often its owner's. Such contacts are marked ``via`` and come last.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.contacts.survivorship import Holding, Value
from bureau.matching.posterior import ORDERS
from bureau.model.query import Kind
from bureau.population import Population

PROBABLE = 0.95
"""Least probability of a link whose contacts are answered: the one that a match needs unless the client says so."""

MOST = 3
"""Companies of one person whose contacts are answered, active ones first."""

ANYBODYS = 10
"""A linked contact that as many claim is not answered: from ten on it is an accountant's or an office's
(``contacts.weights.SHARED``), who would learn of a client's debt."""

_ACTIVE = 2


class Linked(NamedTuple):
    """``via`` is shown with the company's contacts."""

    company: int
    via: str


def linked_companies(population: Population, kind: Kind, entity: int) -> list[Linked]:
    """A branch's head office; of a person the companies that they almost certainly own or are a partner of."""
    if kind is Kind.COMPANY:
        head = population.head_office(entity)
        return [] if head == entity else [Linked(head, f"{population.entity_name(kind, head)} (head office)")]
    links = population.affiliations(entity)
    if not len(links):
        return []
    sure = links[links["probability"] >= PROBABLE]
    closed = population.company_facts["registration_status"][sure["company"]] != _ACTIVE
    chosen = np.lexsort((sure["company"], -sure["probability"], closed))[:MOST]
    companies = sure["company"][chosen].tolist()
    return [Linked(company, population.entity_name(Kind.COMPANY, company)) for company in companies]


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


def held_emails(population: Population, kind: Kind, entity: int) -> list[Holding]:
    """The e-mails of an entity, then those of its linked companies."""

    def texts(claims: NDArray[Any]) -> list[Value]:
        return [population.text(row) for row in claims["value"].tolist()]

    return _held(population, (kind, entity), population.emails, texts)


def held_phones(population: Population, kind: Kind, entity: int) -> list[Holding]:
    """Likewise for phones."""

    def numbers(claims: NDArray[Any]) -> list[Value]:
        found: list[Value] = claims["value"].tolist()
        return found

    return _held(population, (kind, entity), population.phones, numbers)


def _held(
    population: Population,
    holder: tuple[Kind, int],
    claims_of: Callable[[Kind, int], NDArray[Any]],
    values: Callable[[NDArray[Any]], list[Value]],
) -> list[Holding]:
    own = claims_of(*holder)
    found = [Holding(values(own), own)]
    for linked in linked_companies(population, *holder):
        claims = claims_of(Kind.COMPANY, linked.company)
        claims = claims[claims["shared_by"] < ANYBODYS]
        found.append(Holding(values(claims), claims, linked.via))
    return found
