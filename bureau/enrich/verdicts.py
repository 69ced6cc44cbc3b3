"""Verdicts beyond syntax: what needs the network is asked for at once, and awaited no longer than the client allows."""

from datetime import UTC, datetime
from typing import NamedTuple

from bureau.deliverability.email.memory import NOTHING_KNOWN, Known
from bureau.deliverability.email.pending import Pending, pending
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.enrich.standing import rejudge, sighting
from bureau.model.answer import Answer
from bureau.model.query import Depth, Options

NETWORK = frozenset({Depth.DNS, Depth.MAILBOX})
"""Depths for which somebody else has to be asked."""


class Wanted(NamedTuple):
    """The options asked with, and what is known to whoever asks."""

    options: Options
    known: Known = NOTHING_KNOWN


class Deepened(NamedTuple):
    """Verdicts as they were put into the answer; ``pending`` are those of them to look at again."""

    verdicts: list[EmailVerdict]
    pending: list[Pending]


NOTHING_TO_ASK = Deepened([], [])


async def deepen(answer: Answer, verifier: EmailVerifier, wanted: Wanted) -> Deepened:
    """Replace the e-mails' verdicts by those of the depth wanted. What is not known in time, and what will be answered
    differently later (a mailbox put off by greylisting), comes back ``pending`` with its ``recheck_at``."""
    contacts = [*answer.emails, *(email for c in answer.candidates or () for email in c.emails or ())]
    options = wanted.options
    if options.depth not in NETWORK or not contacts:
        return NOTHING_TO_ASK
    now = datetime.now(UTC)
    seen = {contact.address: sighting(contact, contact.checked_at or now) for contact in contacts}
    found = await verifier.verify(
        [contact.address for contact in contacts],
        options.depth,
        options.wait_ms / 1000,
        {address: known for address, known in seen.items() if known},
        is_of_company(answer),
        wanted.known,
    )
    booked = [pending(verdict) for verdict in found]
    shown = [later.verdict if later else verdict for verdict, later in zip(found, booked, strict=True)]
    for contact, verdict in zip(contacts, shown, strict=True):
        rejudge(contact, verdict, explain=options.explain)
    return Deepened(shown, [later for later in booked if later])


def is_of_company(answer: Answer) -> bool:
    """A company's role accounts are nothing out of the ordinary. Entity ids begin with what they are."""
    ids = [answer.match.entity_id if answer.match else None, *(c.entity_id for c in answer.candidates or ())]
    return any(found and found.startswith("com_") for found in ids)
