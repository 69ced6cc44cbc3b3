"""Which people stand behind which companies: individual entrepreneurs by the CPF in the legal name, partners by the
visible digits of a masked one. Made from the arrays of both registers, before claims and blocks are written.

A link goes to the head office of the company's root: contacts of branches are rarely the owner's. A company's name
without digits (newer entrepreneurs) links nobody: name alone is no evidence (half of all people have a namesake).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed
from bureau.matching.layout import NAME_TOKENS, NO_TAX_ID, TOKEN_BYTES, Vocabulary
from bureau.matching.posterior import ORDERS
from bureau.model.snapshot import AFFILIATION, OWNER, PARTNER
from bureau.normalise.names import PARTICLES, SUFFIXES, TITLES
from bureau.population.affiliation_evidence import (
    HOLDERS_OF_A_MASK,
    Asked,
    Circumstances,
    People,
    age_band_bits,
    first_sounds,
    likeliest,
    sound_bits,
)
from bureau.population.npy import save
from bureau.population.reader import Partners, mapped

LOWEST = 0.5
"""Links less probable are not kept: what is likelier than all else together is unique to its row of the register."""

_OWNER_PRIOR = 6.0  # bits: of a hundred CPFs in people's sources about one is another's (mistyped, lent); assumed
_PERSON = 2  # kind of partner
_MASKS = 1_000_000

_TITLE, _PARTICLE, _FORM = 253, 254, 255  # roles of tokens; the others are suffix codes, 0 plain
_FORMS = ("ME", "MEI", "EPP", "EIRELI", "LTDA")  # what an entrepreneur's name may end in; SA may be a surname


class _Found(NamedTuple):
    """One link a row."""

    person: NDArray[np.int64]
    company: NDArray[np.int64]
    probability: NDArray[np.float64]
    kind: NDArray[np.uint8]


class _Companies(NamedTuple):
    tax_id: NDArray[np.int64]
    facts: NDArray[Any]
    name_offsets: NDArray[np.uint32]
    name_tokens: NDArray[np.uint32]
    vocabulary_sound: NDArray[np.uint32]
    roles: NDArray[np.uint8]  # of tokens


def write_affiliations(directory: Path) -> int:
    """Link the people and companies of a snapshot directory; returns the number of links."""
    tax_id = mapped(directory / "people/tax_id.npy")
    known = tax_id[: np.searchsorted(tax_id, NO_TAX_ID)]
    people, companies = _people(directory / "people"), _companies(directory / "companies")
    heads = head_offices(companies.tax_id, companies.facts["head_office"])
    found = [_owners(known, people, companies, heads), _partners(directory, known, people, companies, heads)]
    links, offsets = _by_person(_Found(*map(np.concatenate, zip(*found, strict=True))), len(tax_id))
    save(directory / "people/affiliations.npy", links)
    save(directory / "people/affiliation_offsets.npy", offsets)
    return len(links)


def _people(directory: Path) -> People:
    vocabulary = Vocabulary(*(mapped(directory / f"vocabulary_{field}.npy") for field in Vocabulary._fields))
    records, first_record = mapped(directory / "records.npy"), mapped(directory / "first_record.npy")
    everybody = np.arange(len(first_record) - 1, dtype=np.uint32)
    first = first_sounds(records, first_record, vocabulary.sound)
    return People(everybody, first, records, first_record, vocabulary.sound, *sound_bits(vocabulary))


def _companies(directory: Path) -> _Companies:
    columns = {field: mapped(directory / f"{field}.npy") for field in _Companies._fields if field != "roles"}
    return _Companies(**columns, roles=token_roles(mapped(directory / "vocabulary_letters.npy")))


def _owners(known: NDArray[np.int64], people: People, companies: _Companies, heads: NDArray[np.int64]) -> _Found:
    owner_tax_id = companies.facts["owner_tax_id"]
    rows = np.flatnonzero(owner_tax_id > 0)
    names = asked_names(
        rows, (companies.name_offsets, companies.name_tokens), companies.roles, companies.vocabulary_sound
    )
    first = np.searchsorted(known, owner_tax_id[rows])
    held = np.append(known, NO_TAX_ID)[first] == owner_tax_id[rows]
    asked = Asked(*names, np.zeros(len(rows), np.uint8), first, first + held)
    person, probability = likeliest(asked, people, Circumstances(_OWNER_PRIOR, 0, np.zeros((10, 2))))
    return _Found(person, heads[rows], probability, np.full(len(rows), OWNER, np.uint8))


def _partners(
    directory: Path, known: NDArray[np.int64], people: People, companies: _Companies, heads: NDArray[np.int64]
) -> _Found:
    partners = Partners(*(mapped(directory / f"companies/partners_{field}.npy") for field in Partners._fields))
    place = np.searchsorted(companies.tax_id, partners.root * ORDERS)
    place[place == len(heads)] = 0
    listed = companies.tax_id[place] // ORDERS == partners.root if len(heads) else np.zeros(len(place), np.bool_)
    rows = np.flatnonzero(listed & (partners.kind == _PERSON) & (partners.masked_cpf >= 0))
    roles = np.where(companies.roles == _FORM, np.uint8(0), companies.roles)
    names = asked_names(rows, (partners.name_offsets, partners.name_tokens), roles, companies.vocabulary_sound)
    first, order = by_visible_digits(known)
    digits = partners.masked_cpf[rows].astype(np.int64)
    asked = Asked(*names, partners.age_band[rows], first[digits], first[digits + 1])
    setting = Circumstances(-float(np.log2(HOLDERS_OF_A_MASK)), _released(directory), age_band_bits(partners.age_band))
    person, probability = likeliest(asked, people._replace(order=order, first_sound=people.first_sound[order]), setting)
    return _Found(person, heads[place[rows]], probability, np.full(len(rows), PARTNER, np.uint8))


def _released(directory: Path) -> int:
    """The day the register was seen last, as yyyymmdd: ages are as of then. 0 when no address is dated."""
    latest = int(mapped(directory / "companies/addresses.npy")["last_seen"].max(initial=0))
    return int(np.datetime64(latest, "D").item().strftime("%Y%m%d")) if latest else 0


def _by_person(found: _Found, people: int) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """(AFFILIATION rows, offsets by person): each company once, by its likeliest link."""
    order = np.lexsort((-found.probability, found.company, found.person))
    order = order[(found.person[order] >= 0) & (found.probability[order] > LOWEST)]
    person, company = found.person[order], found.company[order]
    repeated = (np.diff(person, prepend=-1) == 0) & (np.diff(company, prepend=-1) == 0)
    order, person = order[~repeated], person[~repeated]
    links = np.empty(len(order), AFFILIATION)
    links["company"], links["probability"] = company[~repeated], found.probability[order]
    links["kind"] = found.kind[order]
    offsets = np.zeros(people + 1, np.uint32)
    offsets[1:] = np.cumsum(np.bincount(person, minlength=people))
    return links, offsets


def token_roles(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What each token of a vocabulary is in a person's name: title, particle, suffix code, legal form, or plain."""
    texts = np.ascontiguousarray(letters).view(f"S{TOKEN_BYTES}").ravel()
    found = np.zeros(len(texts), np.uint8)
    for words, role in ((TITLES, _TITLE), (PARTICLES, _PARTICLE), (_FORMS, _FORM)):
        found[np.isin(texts, [word.encode() for word in words])] = role
    for word, code in SUFFIXES.items():
        found[texts == word.encode()] = code
    return found


@compiled
def by_visible_digits(tax_id: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """(first, order): the people whose masked CPF shows digits d are ``order[first[d]:first[d + 1]]``."""
    first, order = np.zeros(_MASKS + 1, np.int64), np.empty(len(tax_id), np.uint32)
    for number in tax_id:
        first[number // 100 % _MASKS + 1] += 1
    for digits in range(_MASKS):
        first[digits + 1] += first[digits]
    filled = first[:-1].copy()
    for person in range(len(tax_id)):
        digits = tax_id[person] // 100 % _MASKS
        order[filled[digits]] = person
        filled[digits] += 1
    return first, order


@compiled
def head_offices(tax_id: NDArray[np.int64], head_office: NDArray[np.uint8]) -> NDArray[np.int64]:
    """By establishment, the head office of its root: the first that is one, else the first of the root."""
    found, start = np.empty(len(tax_id), np.int64), 0
    while start < len(tax_id):
        root, end, head = tax_id[start] // ORDERS, start, -1
        while end < len(tax_id) and tax_id[end] // ORDERS == root and (end == start or tax_id[end] != NO_TAX_ID):
            head = end if head < 0 and head_office[end] else head
            end += 1
        found[start:end] = head if head >= 0 else start
        start = end
    return found


@compiled
def asked_names(
    rows: NDArray[np.int64],
    names: tuple[NDArray[np.uint32], NDArray[np.uint32]],
    roles: NDArray[np.uint8],
    sound: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Sounds of the content tokens and suffix code of the chosen names, taken apart as ``normalise.names`` does; of
    more than six tokens the first five and the last, as in records. ``names`` are offsets and tokens."""
    offsets, tokens = names
    sounds, suffix = np.zeros((len(rows), NAME_TOKENS), np.uint32), np.zeros(len(rows), np.uint8)
    content = np.empty(len(tokens) and np.diff(offsets).max(), np.uint32)
    for a in range(len(rows)):
        begin, end = signed(offsets[rows[a]]), signed(offsets[rows[a] + 1])
        first, last = _content(tokens[begin:end], roles, content)
        if last - first > 2 and 0 < roles[content[last - 1]] < _TITLE:
            last -= 1
            suffix[a] = roles[content[last]]
        for i in range(first, last):
            sounds[a, min(i - first, NAME_TOKENS - 1)] = sound[content[i]]
    return sounds, suffix


@inlined
def _content(tokens: NDArray[np.uint32], roles: NDArray[np.uint8], content: NDArray[np.uint32]) -> tuple[int, int]:
    """Fill the tokens that are neither a legal form at the end nor a particle nor a title before two others; where in
    ``content`` they begin and end. A name of particles only keeps them."""
    end, n, first = len(tokens), 0, 0
    while end > 1 and roles[tokens[end - 1]] == _FORM:
        end -= 1
    for token in tokens[:end]:
        if roles[token] != _PARTICLE:
            content[n] = token
            n += 1
    while n - first > 2 and roles[content[first]] == _TITLE:
        first += 1
    if n == 0:
        content[:end] = tokens[:end]
        n = end
    return first, n
