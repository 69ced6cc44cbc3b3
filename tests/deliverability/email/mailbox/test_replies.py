"""Golden: every reply of ``replies.json`` gets its reason; and what no reply may ever get."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.deliverability.email.mailbox.replies import Reply, Stage, parse_reply, read
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault
from bureau.model.answer import VerdictStatus


class Case(msgspec.Struct):
    stage: Stage
    reply: list[str]
    reason: str | None
    mx: str = ""


CORPUS = msgspec.json.decode((Path(__file__).parent / "replies.json").read_bytes(), type=list[Case])


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case.stage} {case.reply[0]}"[:60])
def test_corpus(case: Case) -> None:
    reply = parse_reply(case.reply)
    assert reply is not None
    assert case.reason == read(case.stage, reply, case.mx)


replies = st.builds(
    lambda code, detail, text: parse_reply([f"{code}{detail} {text}".replace("\n", " ")]),
    st.integers(200, 599),
    st.sampled_from(["", " 4.2.1", " 5.1.1", " 4.1.1", " 5.7.1", " 5.2.2", " 4.7.0", " 5.1.10"]),
    st.sampled_from(["user unknown", "address rejected", "blocked", "relay denied", "no such user", "quota", ""]),
)


@given(replies, st.sampled_from(Stage))
def test_nothing_temporary_and_nothing_before_rcpt_is_undeliverable(reply: Reply | None, stage: Stage) -> None:
    assert reply is not None
    reason = read(stage, reply)
    if reason and (reply.code < 500 or stage is not Stage.RCPT):
        assert JUDGEMENTS[reason].status is not VerdictStatus.UNDELIVERABLE
    if reason and stage is not Stage.RCPT:
        assert JUDGEMENTS[reason].fault in (Fault.OURS, Fault.THEIRS)


@pytest.mark.parametrize("lines", [[], ["hello"], ["25 ok"], ["250-a", "550 b"], ["650 x"], ["2500 x"]])
def test_what_is_not_smtp(lines: list[str]) -> None:
    assert parse_reply(lines) is None


def test_brief_has_no_text() -> None:
    reply = parse_reply(["550 5.1.1 <fulano@exemplo.com.br> unknown"])
    assert reply is not None
    assert "550 5.1.1" == reply.brief
    assert "fulano" not in reply.text
