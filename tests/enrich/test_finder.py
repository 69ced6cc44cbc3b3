"""One record by itself is found as it is in a batch, in a population made as any other is."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from bureau.enrich.batch import records_of
from bureau.enrich.single import Enricher
from bureau.errors import InvalidRecord
from bureau.intake.canonical import CANONICAL
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest, Kind, Options, Record
from bureau.population import open_population


def records(home: Path) -> Iterator[Record]:
    """Customers as somebody else knows them; every tenth is asked for as if it were a company."""
    as_text = pa_csv.ConvertOptions(column_types=CANONICAL, strings_can_be_null=True)
    queries = pa_csv.read_csv(home / "synthetic/queries/queries.csv", convert_options=as_text)
    found = records_of(queries.select([name for name in CANONICAL.names if name in queries.column_names]))
    for number, record in enumerate(found):
        if number % 10:
            yield record
        else:
            yield Record(kind=Kind.COMPANY, name=record.name, phones=record.phones, emails=record.emails)


def comparable(answer: Answer) -> tuple[object, ...]:
    """All of it but its id, and the instant of its checks."""
    contacts = [(c.rank, c.right_party, c.status, c.reason, c.via) for c in (*answer.emails, *answer.phones)]
    return (answer.status, answer.charge, answer.match, answer.name, answer.addresses, answer.candidates, contacts)


@pytest.mark.parametrize("options", [Options(), Options(min_probability=0.5), Options(candidates=3, explain=True)])
def test_a_batch_answers_what_single_requests_do(synthetic_home: Path, options: Options) -> None:
    enricher = Enricher(open_population(synthetic_home))
    asked = []
    for record in records(synthetic_home):
        try:
            asked.append(enricher.read(EnrichRequest(record, options=options)))
        except InvalidRecord:
            continue
    assert 500 < len(asked)
    together = enricher.answers(asked)
    for one, answer in zip(asked, together, strict=True):
        expected = enricher.enrich(EnrichRequest(one.record, options=options))
        if options.candidates > 1:  # their contacts differ in the instant of the check only
            for candidate in (*(expected.candidates or ()), *(answer.candidates or ())):
                candidate.emails = candidate.phones = None
        assert comparable(expected) == comparable(answer)


def test_nothing_asked_is_nothing_answered(synthetic_home: Path) -> None:
    assert [] == Enricher(open_population(synthetic_home)).answers([])
