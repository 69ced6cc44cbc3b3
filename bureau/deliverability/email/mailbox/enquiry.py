"""Who is asked for in one check, in which order, and what was heard so far: it survives a change of connection."""

from collections.abc import Sequence

import msgspec

from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.reasons import Reason


class Heard(msgspec.Struct, frozen=True):
    """What came of one recipient, or how a session ended: ``reason`` is ``None`` if the recipient was accepted.

    ``reply`` has the codes alone, no personal data.
    """

    reason: Reason | None
    stage: Stage
    reply: str = ""


class Enquiry:
    """``strangers`` are invented recipients, asked for after the real ones, and only if that can tell us something.

    ``stage`` is how far the last connection got.
    """

    def __init__(self, recipients: Sequence[str], strangers: Sequence[str] = ()) -> None:
        self.recipients = recipients
        self.strangers = strangers
        self.answers: dict[str, Heard] = {}
        self.stage = Stage.CONNECT
        self.is_international = not all(map(str.isascii, recipients))

    def next(self) -> str | None:
        """Whom to name next; ``None`` when there is no more to ask."""
        for recipient in self.recipients:
            if recipient not in self.answers:
                return recipient
        if self.wants_strangers:
            return next((stranger for stranger in self.strangers if stranger not in self.answers), None)
        return None

    @property
    def wants_strangers(self) -> bool:
        """Strangers shed light on a recipient accepted or put off; a refusal stands without them."""
        return any(self.answers[real].reason in (None, Reason.GREYLISTED) for real in self._answered())

    def _answered(self) -> list[str]:
        return [recipient for recipient in self.recipients if recipient in self.answers]

    @property
    def accepts_strangers(self) -> bool | None:
        """Whether invented recipients are accepted; anything but a clear answer to each of them leaves that open."""
        reasons = [self.answers[stranger].reason for stranger in self.strangers if stranger in self.answers]
        if None in reasons:
            return True
        return False if reasons and reasons == [Reason.MAILBOX_NOT_FOUND] * len(self.strangers) else None
