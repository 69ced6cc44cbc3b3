"""Verdicts beyond syntax: what needs the network is asked for at once, and awaited no longer than the client allows."""

from bureau.deliverability.email.verdict import Sighting
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.enrich.contacts import judged
from bureau.model.answer import Answer, EmailAnswer
from bureau.model.query import Depth, Options


async def deepen(answer: Answer, verifier: EmailVerifier, options: Options) -> Answer:
    """Replace the e-mails' verdicts by those of the depth asked; what is not known in time comes back ``pending``."""
    depth = options.depth
    contacts = [*answer.emails, *(email for c in answer.candidates or () for email in c.emails or ())]
    if depth not in (Depth.DNS, Depth.MAILBOX) or not contacts:
        return answer
    sightings = {contact.address: _sighting(contact) for contact in contacts if contact.sources}
    addresses = [contact.address for contact in contacts]
    verdicts = await verifier.verify(addresses, depth, options.wait_ms / 1000, sightings, _of_company(answer))
    for contact, verdict in zip(contacts, verdicts, strict=True):
        judged(contact, verdict, explain=options.explain)
    return answer


def _of_company(answer: Answer) -> bool:
    """A company's role accounts are nothing out of the ordinary. Entity ids begin with what they are."""
    ids = [answer.match.entity_id if answer.match else None, *(c.entity_id for c in answer.candidates or ())]
    return any(found and found.startswith("com_") for found in ids)


def _sighting(contact: EmailAnswer) -> Sighting:
    age = None
    if contact.last_seen and contact.checked_at:
        age = max((contact.checked_at.date() - contact.last_seen).days, 0)
    return Sighting(age, contact.sources)
