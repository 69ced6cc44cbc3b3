"""What an answering process replies to a question."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from bureau.answering.messages import Enrich, Holdings, Match, Outcomes, Question, Unusable
from bureau.deliverability.phone.do_not_call import DoNotCall
from bureau.enrich.contacts import Asked
from bureau.enrich.given import given
from bureau.enrich.single import Enricher
from bureau.enrich.standing import Situation, settle
from bureau.enrich.usable import Calling
from bureau.errors import InvalidRecord
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest, Purpose
from bureau.privacy.holdings import Held, held

logger = logging.getLogger("answering")

FAULT = "record not answered: a fault of ours"


class Answerer(Protocol):
    """What is needed of ``enrich.single.Enricher``."""

    def read(self, request: EnrichRequest) -> Asked: ...

    def answers(self, batch: Sequence[Asked]) -> list[Answer]: ...

    def matches(self, batch: Sequence[Asked]) -> list[Answer]: ...


class Answering:
    """Answers questions about one population."""

    def __init__(self, enricher: Enricher, lists: DoNotCall) -> None:
        self._enricher = enricher
        self._lists = lists

    def reply(self, question: Question) -> Outcomes | Held:
        """What :mod:`bureau.answering.messages` says it is answered by."""
        enricher = self._enricher
        match question:
            case Enrich(requests):
                return outcomes(enricher, lambda batch: self._settled(enricher.answers(batch), batch), requests)
            case Match(requests):
                return outcomes(enricher, enricher.matches, requests)
            case Holdings():  # tens of milliseconds for ten million people, but asked a few times a month
                return held(enricher.population, question.kind, question.tax_id)

    def _settled(self, answers: list[Answer], batch: Sequence[Asked]) -> list[Answer]:
        """With whether each phone may be used now; what was reported of it, the worker knows."""
        now = datetime.now(UTC)
        for answer, asked in zip(answers, batch, strict=True):
            calling = Calling(now, (asked.purpose or Purpose.COLLECTION).value, self._lists)
            settle(answer, Situation(calling, explain=asked.options.explain))
        return answers


def outcomes(
    answerer: Answerer, work: Callable[[Sequence[Asked]], list[Answer]], requests: Sequence[EnrichRequest]
) -> Outcomes:
    """What becomes of each request; one that cannot be used, or is too much for us, fails alone."""
    found = Outcomes([None] * len(requests), [], [])
    readable: dict[int, Asked] = {}
    for place, request in enumerate(requests):
        try:
            readable[place] = answerer.read(request)
        except InvalidRecord as error:
            found.unusable.append(Unusable(place, str(error), error.pointer, error.detail_code))
        except Exception:
            logger.exception(FAULT)
            found.failed.append(place)
    _answer(work, readable, found)
    return found


def _answer(work: Callable[[Sequence[Asked]], list[Answer]], asked: dict[int, Asked], found: Outcomes) -> None:
    """Together; one by one should any of them be too much for it."""
    if not asked:
        return
    try:
        answers = list(map(given, work(list(asked.values()))))
    except Exception:
        if len(asked) == 1:
            logger.exception(FAULT)
            found.failed.extend(asked)
            return
        for place, one in asked.items():
            _answer(work, {place: one}, found)
        return
    for place, answer in zip(asked, answers, strict=True):
        found.answers[place] = answer
