"""Answers of tables brought up to the moment, as the last step around whatever answers them."""

from collections.abc import Callable

import msgspec
import pyarrow as pa

from bureau.enrich.chunk_answers import Answering
from bureau.enrich.column_standing import settle_table
from bureau.enrich.columns import flat_table
from bureau.enrich.results import Answers
from bureau.enrich.standing import Situation, settle
from bureau.model.answer import Answer


class SettledAnswers:
    """An ``Answering`` around another; picklable if both of its parts are. ``around`` tells the situation, and is asked
    in the process that answers: it may have to read files there, and does well to remember them."""

    def __init__(self, answer: Answering, around: Callable[[], Situation]) -> None:
        self._answer = answer
        self._around = around

    def __call__(self, records: pa.Table, nested: bool) -> Answers:
        answers, situation = self._answer(records, nested), self._around()
        if not nested:
            return Answers(settle_table(answers.columns, situation), [])
        decoder, encoder = msgspec.json.Decoder(Answer), msgspec.json.Encoder()
        whole = [decoder.decode(answer) for answer in answers.nested]
        for answer in whole:
            settle(answer, situation)
        return Answers(flat_table(whole), [encoder.encode(answer) for answer in whole])
