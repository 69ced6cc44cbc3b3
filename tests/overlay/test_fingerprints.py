from bureau.deliverability.email.syntax import Address, parse
from bureau.ids import ClientId, EntityId
from bureau.overlay.fingerprints import SIZE, Fingerprints

ONE = Fingerprints(b"1" * 32)


def address(text: str) -> Address:
    found = parse(text)
    assert isinstance(found, Address)
    return found


def test_spellings_of_a_mailbox_are_one_and_mailboxes_are_not() -> None:
    assert ONE.email(address("Ana.Lima+x@gmail.com")) == ONE.email(address("analima@googlemail.com"))
    assert ONE.email(address("ana@example.com")) != ONE.email(address("bia@example.com"))
    assert ONE.email(address("ana@example.com")) != ONE.email(address("ana@example.org"))


def test_without_the_key_nobody_can_try_contacts_out() -> None:
    assert ONE.phone(11987654321) != Fingerprints(b"2" * 32).phone(11987654321)
    assert SIZE == len(ONE.phone(11987654321))


def test_clients_and_entities_have_their_own() -> None:
    base = ONE.phone(11987654321)
    scoped = [
        ONE.for_client(base, ClientId("acme")),
        ONE.for_client(base, ClientId("other")),
        ONE.for_entity(base, EntityId("acme")),
    ]
    assert 4 == len({base, *scoped})
