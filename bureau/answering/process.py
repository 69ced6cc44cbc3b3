"""The process that answers: open a population, warm up, then question by question until the worker hangs up."""

import gc
import logging
import socket
from collections.abc import Callable, Sequence
from io import BufferedRWPair
from pathlib import Path
from typing import Protocol

import msgspec

from bureau.answering.messages import HEAD, Enrich, Match, Opened, Outcomes, Question, Unusable, framed
from bureau.enrich.contacts import Asked
from bureau.enrich.single import Enricher
from bureau.errors import BureauError, InvalidRecord
from bureau.ids import PopulationId
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest, Kind, Record
from bureau.population.reader import open_population
from bureau.population.residence import bring_in
from bureau.privacy.holdings import held

logger = logging.getLogger("answering")

YOUNG_OBJECTS = 20_000
"""How many objects may come before the collector looks at them. Nearly all of a request's die with it and a population
is frozen: looking every 700, as it does by default, found nothing and took 4 % of the time."""

FAULT = "record not answered: a fault of ours"

WARM_UP = (
    Record(name="Ana Maria de Souza", birth_date="1971-03-02", mother_name="Maria de Souza"),
    Record(name="Jose Pereira Filho", tax_id="529.982.247-25", phones=["11 98765-4321"]),
    Record(
        kind=Kind.COMPANY, name="Padaria Central Ltda", trade_name="Padaria Central", emails=["contato@exemplo.com.br"]
    ),
)
"""Made-up records that touch every stage, so that the first client does not pay for loading it."""


class Answerer(Protocol):
    """What is needed of ``enrich.single.Enricher``."""

    def read(self, request: EnrichRequest) -> Asked: ...

    def answers(self, batch: Sequence[Asked]) -> list[Answer]: ...

    def matches(self, batch: Sequence[Asked]) -> list[Answer]: ...


def answer_questions(channel: socket.socket, home: Path, population: PopulationId) -> None:
    """Answer what comes over ``channel`` until it is closed at the other end."""
    with channel.makefile("rwb") as stream:
        try:
            enricher = _opened(home, population)
        except BureauError as error:
            _say(stream, Opened(str(error)))
            return
        _say(stream, Opened())
        decode = msgspec.msgpack.Decoder(Question).decode
        while head := stream.read(HEAD):
            _say(stream, _reply(enricher, decode(stream.read(int.from_bytes(head, "big")))))


def _say(stream: BufferedRWPair, message: object) -> None:
    stream.write(framed(message))
    stream.flush()


def _opened(home: Path, population: PopulationId) -> Enricher:
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    opened = open_population(home, population)
    bring_in(opened)
    enricher = Enricher(opened)
    for group in (WARM_UP, WARM_UP * 8):
        outcomes(enricher, enricher.answers, [EnrichRequest(record) for record in group])
    gc.collect()
    gc.freeze()  # a population is no garbage: the collector need not walk its vocabulary again and again
    return enricher


def _reply(enricher: Enricher, question: Question) -> object:
    match question:
        case Enrich(requests):
            return outcomes(enricher, enricher.answers, requests)
        case Match(requests):
            return outcomes(enricher, enricher.matches, requests)
        case _:  # tens of milliseconds for ten million people, but asked a few times a month
            return held(enricher.population, question.kind, question.tax_id)


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
        answers = work(list(asked.values()))
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
