"""One list of contacts from what the entity holds, what its linked companies hold, and what the client sent.

The same value held twice becomes one contact with the longest history. The entity's own contacts come before those
of linked companies. What the client sent is marked, and is always answered, even if nobody else knows it.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter

import msgspec

from bureau.contacts.ranking import Circumstances, Claim, Ranked, rank_rows
from bureau.evidence import Evidence

Value = int | str
"""A phone's national number, or an e-mail address."""


class Holding(msgspec.Struct, frozen=True):
    """What one entity holds: ``claims`` are CLAIM rows, ``values`` what each of them denotes to the client (the
    number itself, or the text of the e-mail). ``via`` names the linked company, and is ``None`` for the entity's own.
    """

    values: Sequence[Value]
    claims: Sequence[Claim]
    via: str | None = None


class Contact(msgspec.Struct, frozen=True):
    """``right_party`` is ``None`` for what only the client knows, otherwise rounded as it is shown. Dates are days
    since 1970-01-01, 0 if unknown."""

    value: Value
    known_to_client: bool
    right_party: float | None = None
    first_seen: int = 0
    last_seen: int = 0
    sources: int = 0
    shared_by: int = 0
    via: str | None = None
    evidence: list[Evidence] = []


def survivors(holdings: Iterable[Holding], sent: Sequence[Value], circumstances: Circumstances) -> list[Contact]:
    """Contacts in the order to try them. ``holdings`` begins with the entity's own; ``sent`` are the client's, in
    the same canonical form as the holdings' values. ``circumstances.known`` and ``.linked`` are set here."""
    wanted = set(sent)
    own: list[Contact] = []
    others: list[tuple[float, int, int, int, Contact]] = []
    everybodys = list(holdings)
    for holding in _without_repeats(everybodys) if len(everybodys) > 1 else everybodys:
        for entry in rank_rows(holding.claims, _setting(holding, wanted, circumstances)):
            claim = holding.claims[entry.claim]
            contact = _contact(entry, claim, holding, wanted)
            if holding.via is None:
                own.append(contact)
            else:
                others.append((-entry.bits, -contact.last_seen, -contact.sources, claim[0], contact))
    if others:
        own.extend([other[-1] for other in sorted(others, key=itemgetter(0, 1, 2, 3))])
    return with_sent(own, sent) if sent else own


def with_sent(held: list[Contact], sent: Sequence[Value]) -> list[Contact]:
    """``held`` and, behind it, what the client alone knows, each once."""
    known = {contact.value for contact in held}
    return held + [Contact(value, known_to_client=True) for value in dict.fromkeys(sent) if value not in known]


def _setting(holding: Holding, wanted: set[Value], circumstances: Circumstances) -> Circumstances:
    claims = zip(holding.values, holding.claims, strict=True) if wanted else ()
    known = [claim[0] for value, claim in claims if value in wanted]
    if not known and holding.via is None:
        return circumstances
    return msgspec.structs.replace(circumstances, known=tuple(known), linked=holding.via is not None)


def _contact(ranked: Ranked, claim: Claim, holding: Holding, sent: set[Value]) -> Contact:
    value = holding.values[ranked.claim]
    _, first_seen, last_seen, sources, shared_by = claim
    return Contact(
        value=value,
        known_to_client=value in sent,
        right_party=round(ranked.right_party, 4),
        first_seen=first_seen,
        last_seen=last_seen,
        sources=sources.bit_count(),
        shared_by=shared_by,
        via=holding.via,
        evidence=ranked.evidence,
    )


def _without_repeats(holders: list[Holding]) -> list[Holding]:
    """Each value once, with its first holder. Sharing with one's own company is no sharing: it is not counted."""
    kept: dict[Value, tuple[int, list[int]]] = {}
    for number, holding in enumerate(holders):
        for value, claim in zip(holding.values, holding.claims, strict=True):
            if value in kept:
                _extend(kept[value][1], claim)
            else:
                kept[value] = (number, list(claim))
    merged: list[Holding] = []
    for number, holding in enumerate(holders):
        mine = [(value, claim) for value, (holder, claim) in kept.items() if holder == number]
        rows = [(claim[0], claim[1], claim[2], claim[3], claim[4]) for _, claim in mine]
        merged.append(Holding([value for value, _ in mine], rows, holding.via))
    return merged


def _extend(claim: list[int], other: Claim) -> None:
    """Widen ``claim`` by another holder's claim to the same value."""
    _, first_seen, last_seen, sources, shared_by = other
    claim[1] = min(filter(None, (claim[1], first_seen)), default=0)
    claim[2] = max(claim[2], last_seen)
    claim[3] |= sources
    claim[4] = max(claim[4], shared_by, 2) - 1
