"""What events add up to, whatever order they arrive in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bureau.ids import ClientId, EntityId
from bureau.overlay.events import Kind
from bureau.overlay.standing import SCOPED, Happened, Standing, shown_to_all, standings

ACME, OTHER, PERSON = ClientId("acme"), ClientId("other"), EntityId("per_1")
START = datetime(2026, 11, 1, tzinfo=UTC)


def on(day: float, kind: Kind, client: ClientId = ACME, entity: EntityId | None = None) -> Happened:
    return Happened(kind, START + timedelta(days=day), client, entity)


def for_all(*events: Happened) -> tuple[str, float] | None:
    found = standings(events).for_all
    return (str(found.reason), (found.since - START) / timedelta(days=1)) if found else None


def test_one_hard_bounce_is_enough_and_a_later_delivery_clears_it() -> None:
    assert ("hard_bounced", 2) == for_all(on(1, Kind.DELIVERED), on(2, Kind.HARD_BOUNCE))
    assert ("confirmed_by_delivery", 3) == for_all(on(2, Kind.HARD_BOUNCE), on(3, Kind.DELIVERED))
    assert ("hard_bounced", 2) == for_all(on(2, Kind.HARD_BOUNCE), on(2, Kind.DELIVERED))


def test_three_soft_bounces_over_a_week_without_a_delivery_count_as_a_hard_one() -> None:
    assert ("soft_bounced", 0) == for_all(on(0, Kind.SOFT_BOUNCE))
    assert ("soft_bounced", 6) == for_all(*(on(day, Kind.SOFT_BOUNCE) for day in (0, 1, 6)))
    assert ("soft_bounced", 7) == for_all(*(on(day, Kind.SOFT_BOUNCE) for day in (0, 7)))
    assert ("hard_bounced", 7) == for_all(*(on(day, Kind.SOFT_BOUNCE) for day in (0, 1, 7)))
    events = [*(on(day, Kind.SOFT_BOUNCE) for day in (0, 1, 7)), on(3, Kind.ENGAGED)]
    assert ("soft_bounced", 7) == for_all(*events)


def test_a_block_is_the_senders_affair() -> None:
    assert for_all(on(0, Kind.BLOCK)) is None
    assert ("confirmed_by_delivery", 0) == for_all(on(0, Kind.DELIVERED), on(1, Kind.BLOCK))


def test_a_complaint_holds_for_the_client_it_was_about_until_consent() -> None:
    found = standings([on(0, Kind.COMPLAINT), on(1, Kind.DELIVERED, OTHER)])
    assert {ACME: Standing("suppressed_complaint", START)} == found.for_clients
    assert {ACME: None} == standings([on(0, Kind.COMPLAINT), on(1, Kind.OPT_IN)]).for_clients
    assert {ACME: Standing("suppressed_legal", START)} == standings([on(0, Kind.LEGAL), on(1, Kind.OPT_IN)]).for_clients
    again = standings([on(0, Kind.OPT_OUT), on(1, Kind.OPT_IN), on(2, Kind.OPT_OUT)]).for_clients[ACME]
    assert Standing("suppressed_opt_out", START + timedelta(days=2)) == again


def test_a_wrong_person_is_one_entitys_and_the_line_lives() -> None:
    found = standings([on(0, Kind.WRONG_PERSON, entity=PERSON)])
    assert {PERSON: Standing("wrong_person", START)} == found.for_entities
    assert Standing("active", START) == found.for_all
    assert {PERSON: None} == standings(
        [on(0, Kind.WRONG_PERSON, entity=PERSON), on(1, Kind.ANSWERED, entity=PERSON)]
    ).for_entities


def test_a_dead_line_that_is_answered_again_lives() -> None:
    assert ("inactive", 1) == for_all(on(0, Kind.ANSWERED), on(1, Kind.NOT_IN_SERVICE), on(2, Kind.NO_ANSWER))
    assert ("active", 2) == for_all(on(1, Kind.NOT_IN_SERVICE), on(2, Kind.ANSWERED))


EVENTS = st.lists(
    st.builds(
        on,
        st.integers(0, 12),
        st.sampled_from(Kind),
        st.sampled_from([ACME, OTHER]),
        st.sampled_from([None, PERSON]),
    ),
    max_size=8,
)


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[Happened], chance: object) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standings(events) == standings(shuffled)


@given(EVENTS)
def test_blocks_never_matter(events: list[Happened]) -> None:
    assert standings(events) == standings([event for event in events if event.kind is not Kind.BLOCK])


@given(EVENTS)
def test_whatever_holds_for_anybody_shows_under_the_contact_itself(events: list[Happened]) -> None:
    found = standings(events)
    anybody = [found.for_all, *found.for_clients.values(), *found.for_entities.values()]
    shown = shown_to_all(found)
    assert (shown is not None) == any(anybody)
    assert shown == found.for_all or (found.for_all is None and shown is not None and SCOPED == shown.reason)
