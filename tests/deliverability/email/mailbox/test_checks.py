"""Answers are kept within bounds and as long as they hold; nobody is asked twice at once; places are shared out."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.checks import MailboxChecks, Room
from bureau.deliverability.email.mailbox.prober import MOST_RECIPIENTS
from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.verdict import Mailbox


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Told:
    """Answers every question with one reason, when the gate is open."""

    def __init__(self, answer: Mailbox) -> None:
        self.answer = answer
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[Sequence[str]] = []

    async def probe(self, _facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        self.asked.append(addresses)
        await self.gate.wait()
        return [self.answer] * len(addresses)


def facts(name: str) -> DomainFacts:
    return DomainFacts(name, Route.MAIL, (f"mx.{name}",))


def people(count: int, domain: str = "a.com.br") -> list[str]:
    return [f"p{number}@{domain}" for number in range(count)]


async def ended(tasks: set[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)


async def test_an_answer_is_kept_as_long_as_its_reason_holds() -> None:
    clock, told = Clock(), Told(Mailbox(Reason.GREYLISTED))
    checks = MailboxChecks(told, clock)
    await ended(checks.start(facts("a.com.br"), ["p@a.com.br"]))
    clock.now = JUDGEMENTS[Reason.GREYLISTED].lifetime.total_seconds() - 1
    assert told.answer == checks.get("p@a.com.br")
    clock.now += 1
    assert checks.get("p@a.com.br") is None


async def test_what_was_remembered_is_no_younger_for_it() -> None:
    lifetime = JUDGEMENTS[Reason.CATCH_ALL].lifetime
    clock, told = Clock(), Told(Mailbox(Reason.CATCH_ALL, True, datetime.now(UTC) - lifetime + timedelta(hours=1)))
    checks = MailboxChecks(told, clock)
    await ended(checks.start(facts("a.com.br"), ["p@a.com.br"]))
    clock.now = 3500
    assert checks.get("p@a.com.br") is not None
    clock.now = 3600
    assert checks.get("p@a.com.br") is None


async def test_memory_is_bounded() -> None:
    checks = MailboxChecks(Told(Mailbox(Reason.CATCH_ALL, True)), room=Room(answers=10))
    for start in range(5):
        await ended(checks.start(facts(f"{start}.com.br"), people(20, f"{start}.com.br")))
    kept = [each for start in range(5) for each in people(20, f"{start}.com.br") if checks.get(each)]
    assert people(20, "4.com.br")[-10:] == kept


async def test_the_same_question_at_once_is_one() -> None:
    told = Told(Mailbox(Reason.CATCH_ALL, True))
    told.gate.clear()
    checks = MailboxChecks(told)
    first = checks.start(facts("a.com.br"), people(3))
    assert first == checks.start(facts("a.com.br"), people(2))
    told.gate.set()
    await ended(first)
    assert [people(3)] == told.asked
    assert set() == checks.start(facts("a.com.br"), people(3))


async def test_a_long_list_is_asked_for_in_sessions_whose_answers_do_not_wait_for_each_other() -> None:
    told = Told(Mailbox(Reason.CATCH_ALL, True))
    checks = MailboxChecks(told)
    tasks = checks.start(facts("a.com.br"), people(2 * MOST_RECIPIENTS + 1))
    assert 3 == len(tasks)
    await ended(tasks)
    assert [MOST_RECIPIENTS, MOST_RECIPIENTS, 1] == [len(group) for group in told.asked]


async def test_one_provider_cannot_take_all_places() -> None:
    told = Told(Mailbox(Reason.CATCH_ALL, True))
    told.gate.clear()
    checks = MailboxChecks(told, room=Room(waiting=100, of_one_provider=10))
    slow = checks.start(facts("a.com.br"), people(1000)) | checks.start(facts("a.com.br"), people(1000))
    others = [checks.start(facts(f"{n}.com.br"), people(20, f"{n}.com.br")) for n in range(10)]
    await asyncio.sleep(0)  # let them begin
    assert 100 == sum(map(len, told.asked))
    assert [True] * 9 + [False] == [bool(tasks) for tasks in others]
    told.gate.set()
    await ended(slow.union(*others))
    assert checks.start(facts("a.com.br"), people(20))
    await checks.close()


async def test_closing_gives_up_what_is_under_way() -> None:
    told = Told(Mailbox(Reason.CATCH_ALL, True))
    told.gate.clear()
    checks = MailboxChecks(told)
    tasks = checks.start(facts("a.com.br"), people(20))
    await checks.close()
    assert {True} == {task.cancelled() for task in tasks}
