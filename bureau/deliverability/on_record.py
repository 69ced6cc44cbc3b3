"""What is on record of contacts besides what a check finds out: a seam, filled by ``bureau.overlay`` in service."""

from typing import Protocol

from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox
from bureau.deliverability.phone.verdict import LiveAnswer
from bureau.ids import EntityId


class OnRecord(Protocol):
    """As one client may see it. Answers at once, from memory."""

    def email(self, address: Address) -> Mailbox | None:
        """The bounce, delivery, complaint or opt-out that counts now."""

    def phone(self, number: int, entity: EntityId | None) -> LiveAnswer | None:
        """What counts now of a national number, as that entity's if there is one."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on record of anybody, so that asking can be spared."""


class NothingOnRecord:
    """Where no store is at hand."""

    is_empty = True

    def email(self, _address: Address) -> Mailbox | None:
        return None

    def phone(self, _number: int, _entity: EntityId | None) -> LiveAnswer | None:
        return None
