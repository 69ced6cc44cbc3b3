"""An answer as it leaves: its bytes, and what others ask of it without reading them again."""

import msgspec

from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.on_record import OnRecord
from bureau.enrich.standing import number_of
from bureau.ids import EntityId
from bureau.model.answer import Answer, Status

_DISCLOSED = ("name", "addresses", "emails", "phones", "candidates")


class Given(msgspec.Struct, frozen=True, array_like=True):
    """``body`` is the ``Answer`` as JSON. ``fields`` names what of a person is in it, ``candidates`` the entities shown
    as possible, and ``emails`` and ``phones`` (national numbers) what a report may be about."""

    body: bytes
    status: Status
    units: int
    population: str | None
    entity_id: EntityId | None
    candidates: tuple[EntityId, ...]
    fields: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[int, ...]

    @property
    def answer(self) -> Answer:
        """Read again: what is changed in it is given anew."""
        return _decode(self.body)


def given(answer: Answer) -> Given:
    """The answer, finished."""
    match = answer.match
    numbers = [number_of(phone) for phone in answer.phones]
    return Given(
        _encode(answer),
        answer.status,
        answer.charge.units,
        match.population if match else None,
        EntityId(match.entity_id) if match and match.entity_id else None,
        tuple([EntityId(one.entity_id) for one in answer.candidates or ()]),
        tuple([field for field in _DISCLOSED if getattr(answer, field)]),
        tuple([email.address for email in answer.emails]),
        tuple([number for number in numbers if number]),
    )


def is_reported(one: Given, on_record: OnRecord) -> bool:
    """Whether something is on record of any of its contacts; of candidates' contacts it is assumed."""
    if on_record.is_empty:
        return False
    if one.candidates:
        return True
    addresses = (parse(text) for text in one.emails)
    if any(isinstance(address, Address) and on_record.email(address) for address in addresses):
        return True
    return any(on_record.phone(number, one.entity_id) for number in one.phones)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Answer).decode
