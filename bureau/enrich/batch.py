"""Tables of records in, answers out: the batch form of ``single``, with the same answers (a test says so)."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.enrich.column_answers import ColumnAnswers
from bureau.enrich.columns import flat_table
from bureau.enrich.contacts import Asked
from bureau.enrich.results import Answers
from bureau.enrich.single import Enricher
from bureau.errors import InvalidRecord, PopulationUnavailable
from bureau.ids import sortable
from bureau.intake.canonical import joined
from bureau.intake.repairs import REPAIRS, repair_texts
from bureau.model.answer import Answer, Charge, Repair, Status
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Address, Kind, Options, Record
from bureau.normalise.record import canonical
from bureau.normalise.record_columns import LIST_SEPARATOR
from bureau.population import current_id, open_population

_PLACE = ("street", "number", "complement", "district", "city", "state", "postal_code")
_REPAIRS = REPAIRS.name
_PERSON = ("name", "trade_name", "tax_id", "birth_date", "sex", "mother_name")


def answering(home: Path, options: Options) -> "partial[Answers]":
    """The batch function over the population in use now, for ``files.enrich_file``; it can go to other processes."""
    population = current_id(home)
    if population is None:
        raise PopulationUnavailable("No population is published yet: run `bureau build`.")
    return partial(answer_table, home, population, options, datetime.now(UTC))


def answer_table(home: Path, population: str, options: Options, at: datetime, table: pa.Table, nested: bool) -> Answers:
    """Answer a table in the canonical columns of ``bureau.intake.canonical`` (text, lists separated by ``|``), with
    what ``bureau.intake.repairs`` noted of its rows, if anything."""
    if _REPAIRS not in table.column_names:
        table = table.append_column(REPAIRS, pa.nulls(table.num_rows, REPAIRS.type))
    enricher, columns = _opened(home, population)
    if not nested:
        return Answers(_with_repairs(flat_answers(columns, table, options, at), table), [])
    answers = _noted(answer_records(enricher, records_of(table), options, at), table)
    encoder = msgspec.json.Encoder()
    return Answers(flat_table(answers), [encoder.encode(answer) for answer in answers])


def _with_repairs(flat: pa.Table, table: pa.Table) -> pa.Table:
    """What intake repaired before what was repaired afterwards; a refusal's reason stays alone."""
    if table[_REPAIRS].null_count == table.num_rows:
        return flat
    at = flat.schema.get_field_index("bureau_repairs")
    refused = pc.equal(flat["bureau_status"], Status.REFUSED.value)
    notes = pc.if_else(refused, None, repair_texts(table[_REPAIRS]))
    both = joined([notes, flat["bureau_repairs"]], "; ")
    return flat.set_column(at, flat.schema.field(at), both)


def _noted(answers: list[Answer], table: pa.Table) -> list[Answer]:
    for place, repairs in enumerate(table[_REPAIRS].to_pylist()):
        if repairs and answers[place].status is not Status.REFUSED:
            answers[place].repairs = [*msgspec.convert(repairs, list[Repair]), *answers[place].repairs]
    return answers


@lru_cache(maxsize=2)  # a worker that lives for weeks sees many populations
def _opened(home: Path, population: str) -> tuple[Enricher, ColumnAnswers]:
    enricher = Enricher(open_population(home, population))
    return enricher, ColumnAnswers(enricher)


def flat_answers(answers: ColumnAnswers, table: pa.Table, options: Options, at: datetime) -> pa.Table:
    """The flat columns of a table's answers, in order, whatever its rows are."""
    company = _are_companies(table)
    if company.all() or not company.any():
        return answers.flat(table, Kind.COMPANY if company.any() else Kind.PERSON, options, at)
    parts = [
        answers.flat(table.filter(pa.array(~company)), Kind.PERSON, options, at),
        answers.flat(table.filter(pa.array(company)), Kind.COMPANY, options, at),
    ]
    return pa.concat_tables(parts).take(np.argsort(np.argsort(company, kind="stable")))


def _are_companies(table: pa.Table) -> NDArray[np.bool_]:
    if "kind" not in table.column_names:
        return np.zeros(table.num_rows, np.bool_)
    company: NDArray[np.bool_] = pc.equal(table["kind"], Kind.COMPANY.value).fill_null(False).to_numpy()
    return company


def records_of(table: pa.Table) -> list[Record]:
    """The rows as records; longer lists of contacts than a record may have are not cut here."""
    columns = {name: table[name].to_pylist() for name in table.column_names if name != _REPAIRS}
    rows = range(table.num_rows)
    return [_record({name: column[i] for name, column in columns.items() if column[i] is not None}) for i in rows]


def _record(row: dict[str, str]) -> Record:
    place = {name: row[name] for name in _PLACE if name in row}
    return Record(
        kind=Kind(row.get("kind", Kind.PERSON.value)),
        emails=_pieces(row.get("emails")),
        phones=_pieces(row.get("phones")),
        address=Address(**place) if place else None,
        **{name: row[name] for name in _PERSON if name in row},
    )


def _pieces(cell: str | None) -> list[str]:
    """The members of a list; a blank between two separators is none."""
    return [piece for piece in cell.split(LIST_SEPARATOR) if piece.strip(" ")] if cell else []


def answer_records(enricher: Enricher, records: Sequence[Record], options: Options, at: datetime) -> list[Answer]:
    """Answers in order. A record that cannot be used is answered ``refused``, never raised: no row may be lost."""
    read = [_read(record, at.date()) for record in records]
    usable = [
        Asked(record, canon, options, at)
        for record, canon in zip(records, read, strict=True)
        if isinstance(canon, CanonicalRecord)
    ]
    found = iter(enricher.answers(usable))
    return [one if isinstance(one, Answer) else next(found) for one in read]


def _read(record: Record, today: date) -> CanonicalRecord | Answer:
    try:
        return canonical(record, today, lenient=True)
    except InvalidRecord as problem:
        why = [Repair(problem.pointer.lstrip("/") or "record", "", "", problem.detail_code)]
        refused = Charge(0, "refused")
        return Answer(
            id=sortable("enr"), status=Status.REFUSED, charge=refused, reference=record.reference, repairs=why
        )
