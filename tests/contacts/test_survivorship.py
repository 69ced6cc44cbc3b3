import pytest

from bureau.contacts.ranking import EMAILS, PHONES, Circumstances
from bureau.contacts.survivorship import Contact, Holding, survivors

TODAY = 20_500
CIRCUMSTANCES = Circumstances(PHONES, TODAY)
ONE, TWO, THREE = 11_98888_7777, 11_97777_6666, 11_96666_5555


def holding(*rows: tuple[int, int, int, int, int], via: str | None = None) -> Holding:
    return Holding([row[0] for row in rows], list(rows), via)


def test_own_contacts_come_before_a_linked_companys() -> None:
    own = holding((ONE, TODAY - 3000, TODAY - 3000, 1, 3))
    linked = holding((TWO, TODAY, TODAY, 7, 1), via="PADARIA EXEMPLO")
    found = survivors([own, linked], [], CIRCUMSTANCES)
    assert [(ONE, None), (TWO, "PADARIA EXEMPLO")] == [(c.value, c.via) for c in found]
    assert "held by a linked company" in [row.what for row in found[1].evidence]


def test_a_value_held_twice_is_one_contact_with_the_longest_history() -> None:
    own = holding((ONE, TODAY - 500, TODAY - 400, 0b01, 2))
    linked = holding((ONE, TODAY - 900, TODAY - 10, 0b10, 2), via="PADARIA EXEMPLO")
    [contact] = survivors([own, linked], [], CIRCUMSTANCES)
    assert (None, TODAY - 900, TODAY - 10, 2, 1) == (
        contact.via,
        contact.first_seen,
        contact.last_seen,
        contact.sources,
        contact.shared_by,
    )


def test_what_the_client_sent_is_marked_and_always_answered() -> None:
    own = holding((ONE, TODAY, TODAY, 1, 1), (TWO, TODAY - 900, TODAY - 900, 1, 1))
    found = survivors([own], [TWO, THREE, THREE], Circumstances(PHONES, TODAY, max_age_days=30))
    assert [(ONE, False), (TWO, True), (THREE, True)] == [(c.value, c.known_to_client) for c in found]
    assert Contact(THREE, known_to_client=True) == found[-1]


def test_old_contacts_are_dropped_on_request() -> None:
    own = holding((ONE, TODAY - 20, TODAY - 20, 1, 1), (TWO, TODAY - 40, TODAY - 40, 1, 1))
    assert [ONE] == [c.value for c in survivors([own], [], Circumstances(PHONES, TODAY, max_age_days=30))]


def test_emails_are_known_by_their_text() -> None:
    own = Holding(["a@exemplo.com.br", "b@exemplo.com.br"], [(4, 0, 0, 1, 1), (9, 0, 0, 1, 1)])
    found = survivors([own], ["b@exemplo.com.br"], Circumstances(EMAILS, TODAY))
    assert ["b@exemplo.com.br", "a@exemplo.com.br"] == [c.value for c in found]


@pytest.mark.parametrize("sent", [[], [ONE]])
def test_nothing_held(sent: list[int | str]) -> None:
    empty = Holding([], [])
    assert sent == [c.value for c in survivors([empty], sent, CIRCUMSTANCES)]
