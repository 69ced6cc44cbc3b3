import pytest

from bureau.overlay.bounces import bounce_kind, status_code
from bureau.overlay.events import Kind


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", None, Kind.HARD_BOUNCE),
        ("5.1.1", "smtp; 550 5.1.1 <a@b.example>: Recipient address rejected: User unknown", Kind.HARD_BOUNCE),
        ("5.0.0", "smtp; 550 user unknown", Kind.HARD_BOUNCE),
        ("5.2.1", "550-5.2.1 The account is disabled", Kind.HARD_BOUNCE),
        ("5.1.2", None, Kind.HARD_BOUNCE),
        ("5.2.2", "552 5.2.2 Over quota", Kind.SOFT_BOUNCE),
        ("5.2.2", None, Kind.SOFT_BOUNCE),
        ("4.2.2", None, Kind.SOFT_BOUNCE),
        ("4.4.1", "smtp; 421 4.4.1 connection timed out", Kind.SOFT_BOUNCE),
        ("5.3.4", None, Kind.SOFT_BOUNCE),  # message too big for the system: another message may not be
        ("5.7.1", "smtp; 550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen", Kind.BLOCK),
        ("5.7.26", None, Kind.BLOCK),
        (None, "554 5.7.1 message rejected due to poor reputation of your IP", Kind.BLOCK),
        (None, None, Kind.SOFT_BOUNCE),
        (None, "something went wrong", Kind.SOFT_BOUNCE),
    ],
)
def test_hard_soft_and_block_are_told_apart(status: str | None, diagnostic: str | None, kind: Kind) -> None:
    assert kind is bounce_kind(status, diagnostic)


def test_the_status_code_in_a_text() -> None:
    assert ("5.1.10", None, None) == (status_code("550 5.1.10 no"), status_code("550 no"), status_code(None))
