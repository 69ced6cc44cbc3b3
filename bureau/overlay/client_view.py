"""What stands of contacts for one client: what holds for everybody, and what only that client was told."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox
from bureau.deliverability.phone.reasons import Reason as PhoneReason
from bureau.deliverability.phone.verdict import LiveAnswer
from bureau.ids import ClientId, EntityId
from bureau.overlay.fingerprints import Fingerprint, Fingerprints
from bureau.overlay.standing import SCOPED
from bureau.overlay.standing_table import StandingTable, Stands

_LINE_DAYS = timedelta(
    days=180
)  # how long "it rang" or "out of service" is news: numbers are given out anew after that
_SUPPRESSED_DAYS = timedelta(days=3650)
_PHONE_LIFETIMES = {
    PhoneReason.ACTIVE: _LINE_DAYS,
    PhoneReason.INACTIVE: _LINE_DAYS,
    PhoneReason.WRONG_PERSON: timedelta(days=1095),
    PhoneReason.SUPPRESSED_COMPLAINT: _SUPPRESSED_DAYS,
    PhoneReason.SUPPRESSED_OPT_OUT: _SUPPRESSED_DAYS,
    PhoneReason.SUPPRESSED_LEGAL: _SUPPRESSED_DAYS,
}


class ClientView:
    """An ``OnRecord``; cheap to make, one a request."""

    def __init__(self, table: StandingTable, fingerprints: Fingerprints, client: ClientId) -> None:
        self._table = table
        self._fingerprints = fingerprints
        self._client = client

    @property
    def is_empty(self) -> bool:
        return not len(self._table)

    def email(self, address: Address) -> Mailbox | None:
        """What the client was asked or told comes first."""
        if self.is_empty:
            return None
        contact = self._fingerprints.email(address)
        for found in self._standings(contact, None):
            if _is_news(found, JUDGEMENTS[Reason(found.reason)].lifetime):
                return Mailbox(Reason(found.reason), None, datetime.combine(found.since, time(), UTC))
        return None

    def phone(self, number: int, entity: EntityId | None) -> LiveAnswer | None:
        """An opposition first, then whose line it is not, then whether it is one."""
        if self.is_empty:
            return None
        for found in self._standings(self._fingerprints.phone(number), entity):
            if _is_news(found, _PHONE_LIFETIMES[PhoneReason(found.reason)]):
                return LiveAnswer(PhoneReason(found.reason), found.since)
        return None

    def _standings(self, contact: Fingerprint, entity: EntityId | None) -> Iterator[Stands]:
        """The client's own, the entity's, everybody's; for most contacts one look shows that there is none."""
        of_all = self._table.get(contact)
        if of_all is None:
            return
        if own := self._table.get(self._fingerprints.for_client(contact, self._client)):
            yield own
        if entity and (whose := self._table.get(self._fingerprints.for_entity(contact, entity))):
            yield whose
        if of_all.reason != SCOPED:
            yield of_all


def _is_news(found: Stands, lifetime: timedelta) -> bool:
    return datetime.now(UTC).date() - found.since <= lifetime
