"""The process that answers: open a population, warm up, then question by question until the worker hangs up."""

import gc
import logging
import socket
from io import BufferedRWPair
from pathlib import Path

import msgspec

from bureau.answering.messages import HEAD, NO_ANSWER, Enrich, Opened, Question, framed
from bureau.answering.replies import Answering
from bureau.deliverability.phone.calling import NO_LISTS
from bureau.deliverability.phone.do_not_call import read_list
from bureau.enrich.single import Enricher
from bureau.errors import BureauError
from bureau.ids import PopulationId
from bureau.model.query import EnrichRequest, Kind, Record
from bureau.population.reader import open_population
from bureau.population.residence import bring_in

logger = logging.getLogger("answering")

YOUNG_OBJECTS = 20_000
"""How many objects may come before the collector looks at them. Nearly all of a request's die with it and a population
is frozen: looking every 700, as it does by default, found nothing and took 4 % of the time."""

WARM_UP = (
    Record(name="Ana Maria de Souza", birth_date="1971-03-02", mother_name="Maria de Souza"),
    Record(name="Jose Pereira Filho", tax_id="529.982.247-25", phones=["11 98765-4321"]),
    Record(
        kind=Kind.COMPANY, name="Padaria Central Ltda", trade_name="Padaria Central", emails=["contato@exemplo.com.br"]
    ),
)
"""Made-up records that touch every stage, so that the first client does not pay for loading it."""


class Opening(msgspec.Struct, frozen=True):
    """What to answer from: paths, and ``do_not_call`` is the operator's list."""

    home: str
    population: PopulationId
    do_not_call: str | None = None
    log_level: str = "INFO"


def answer_questions(channel: socket.socket, opening: Opening) -> None:
    """Answer what comes over ``channel`` until it is closed at the other end."""
    with channel.makefile("rwb") as stream:
        try:
            answering = _opened(opening)
        except BureauError as error:
            _say(stream, framed(Opened(str(error))))
            return
        _say(stream, framed(Opened()))
        decode = msgspec.msgpack.Decoder(Question).decode
        while head := stream.read(HEAD):
            _say(stream, _reply(answering, decode(stream.read(int.from_bytes(head, "big")))))


def _reply(answering: Answering, question: Question) -> bytes:
    """One question that fails must not end the process, on which others wait."""
    try:
        return framed(answering.reply(question))
    except Exception:
        logger.exception("question not answered: a fault of ours")
        return NO_ANSWER


def _say(stream: BufferedRWPair, message: bytes) -> None:
    stream.write(message)
    stream.flush()


def _opened(opening: Opening) -> Answering:
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    lists = read_list(Path(opening.do_not_call)) if opening.do_not_call else NO_LISTS
    population = open_population(Path(opening.home), opening.population)
    bring_in(population)
    answering = Answering(Enricher(population), lists)
    for group in (WARM_UP, WARM_UP * 8):
        answering.reply(Enrich([EnrichRequest(record) for record in group]))
    gc.collect()
    gc.freeze()  # a population is no garbage: the collector need not walk its vocabulary again and again
    return answering
