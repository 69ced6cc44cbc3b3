"""Columns and Structs give the same answers: the fast path of files against the readable one of single requests."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.enrich.batch import answer_records, answer_table, answering, flat_answers, records_of
from bureau.enrich.column_answers import ColumnAnswers
from bureau.enrich.columns import flat_table
from bureau.enrich.single import Enricher
from bureau.intake.canonical import CANONICAL
from bureau.intake.repairs import repaired
from bureau.matching.layout import DATE, NO_TAX_ID
from bureau.model.query import Depth, Kind, Options
from bureau.normalise.documents import cnpj_text, cpf_digits
from bureau.population import open_population

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
Row = dict[str, str | None]


class Both:
    """The two ways to an answer, over one population."""

    def __init__(self, home: Path) -> None:
        self.population = open_population(home)
        self._enricher = Enricher(self.population)
        self._columns = ColumnAnswers(self._enricher)

    def flat(self, table: pa.Table, options: Options) -> pa.Table:
        """Of the columnar way, held equal to the other one."""
        found = flat_answers(self._columns, table, options, AT)
        answers = answer_records(self._enricher, records_of(table), options, AT)
        expected = flat_table(answers)
        assert expected.schema == found.schema
        for name in expected.column_names:
            assert expected[name].to_pylist() == found[name].to_pylist(), name
        return found

    def own_row(self, kind: Kind, entity: int) -> Row:
        """What somebody who knows an entity well would send."""
        population, register = self.population, self.population.register(kind)
        tax_id, day = int(register.tax_id[entity]), int(register.records[register.first_record[entity], DATE])
        shown = cpf_digits(tax_id) if kind is Kind.PERSON else cnpj_text(tax_id)
        phones = [str(value) for value in population.phones(kind, entity)["value"].tolist()]
        emails = [population.text(row) for row in population.emails(kind, entity)["value"].tolist()]
        return {
            "kind": kind.value,
            "name": population.entity_name(kind, entity),
            "tax_id": None if tax_id == NO_TAX_ID else shown,
            "birth_date": f"{day % 100:02}/{day // 100 % 100:02}/{day // 10000}" if day else None,
            "phones": "|".join(phones) or None,
            "emails": "|".join(emails) or None,
        }


@pytest.fixture(scope="module")
def both(synthetic_home: Path) -> Both:
    return Both(synthetic_home)


def table_of(rows: list[Row]) -> pa.Table:
    return pa.table([pa.array([row.get(name) for row in rows], pa.string()) for name in CANONICAL.names], CANONICAL)


def queries_of(home: Path) -> pa.Table:
    as_text = pa_csv.ConvertOptions(column_types=CANONICAL, strings_can_be_null=True)
    queries = pa_csv.read_csv(home / "synthetic/queries/queries.csv", convert_options=as_text)
    return queries.select([name for name in CANONICAL.names if name in queries.column_names])


@pytest.mark.parametrize(
    "options",
    [
        Options(),
        Options(min_probability=0.5, depth=Depth.NONE),
        Options(max_age_days=900),
        Options(require=["email"], max_age_days=400),
        Options(require=["email", "phone"], min_probability=0.999),
    ],
    ids=["usual", "likely, unchecked", "recent", "with recent e-mail", "with both"],
)
def test_synthetic_customers_get_the_same_answers(both: Both, synthetic_home: Path, options: Options) -> None:
    found = both.flat(queries_of(synthetic_home), options)
    statuses = found["bureau_status"].to_pylist()
    assert 600 == len(statuses)
    assert {"matched", "not_found"} <= set(statuses)


PHONES = st.sampled_from(["11 98765-4321", "+55 11 98765-4321", "8765-4321", "0800 123 4567", "ramal 5", "1191111111"])
EMAILS = st.sampled_from(
    ["Ana@Exemplo.com.br", "ana@exemplo.com.br", "<a.b@gmail.com>", "nobody", "x@x.com", "a@b,com"]
)


@st.composite
def sent(draw: st.DrawFn, own: str | None, other: st.SearchStrategy[str]) -> str | None:
    """A cell of contacts: some of the entity's own, some of nobody's, some unreadable, in any order and number."""
    pieces = draw(st.lists(st.sampled_from(own.split("|")) if own else other, max_size=4))
    pieces = draw(st.permutations(pieces + draw(st.lists(other, max_size=4))))
    return "|".join(piece.upper() if draw(st.booleans()) else piece for piece in pieces) or None


@st.composite
def rows(draw: st.DrawFn, both: Both) -> Row:
    kind = draw(st.sampled_from(Kind))
    count = len(both.population.register(kind).tax_id)
    own = both.own_row(kind, draw(st.integers(0, count - 1)))
    contacts = {"phones": draw(sent(own["phones"], PHONES)), "emails": draw(sent(own["emails"], EMAILS))}
    left_out = dict.fromkeys(draw(st.sets(st.sampled_from(["name", "tax_id", "birth_date", "phones", "emails"]))))
    damage = draw(
        st.sampled_from([{}, {}, {"tax_id": "52998224724"}, {"birth_date": "31/02/1980"}, {"city": "Santos"}])
    )
    return own | contacts | damage | left_out


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from([None, 300]))
def test_whatever_the_client_sends_is_answered_the_same(both: Both, data: st.DataObject, max_age: int | None) -> None:
    asked = data.draw(st.lists(rows(both), min_size=1, max_size=8))
    both.flat(table_of(asked), Options(min_probability=0.5, max_age_days=max_age))


def entity_with(both: Both, kind: Kind, phones: int) -> int:
    population = both.population
    return next(e for e in range(len(population.register(kind).tax_id)) if len(population.phones(kind, e)) >= phones)


def test_the_entitys_contacts_come_first_then_the_clients_then_the_unreadable(both: Both) -> None:
    own = both.own_row(Kind.PERSON, entity_with(both, Kind.PERSON, 1))
    held = len((own["phones"] or "").split("|"))
    row = own | {"phones": f"999|31 99876-5432|{own['phones']}|(31) 99876-5432"}
    found = both.flat(table_of([row]), Options()).to_pylist()[0]
    shown = [(found[f"bureau_phone_{rank}"], found[f"bureau_phone_{rank}_known"]) for rank in (1, 2, 3)]
    expected = [("+5531998765432", True), ("999", True), (None, None)]
    assert "matched" == found["bureau_status"]
    assert expected[: 3 - held] == shown[held:]
    assert all(known for _, known in shown[:held])


def test_a_row_with_nothing_to_search_by_is_refused_between_others(both: Both) -> None:
    rows: list[Row] = [
        both.own_row(Kind.COMPANY, 3),
        {"kind": "person", "city": "Santos", "emails": "unreadable", "birth_date": "31/02/1980"},
        both.own_row(Kind.PERSON, 5),
        {"kind": "company", "tax_id": "X"},
    ]
    found = both.flat(table_of(rows), Options())
    assert ["matched", "refused", "matched", "refused"] == found["bureau_status"].to_pylist()
    assert "record: nothing_to_search" == found["bureau_repairs"][1].as_py()
    assert [None, None] == [found[name][1].as_py() for name in ("bureau_email_1", "bureau_probability")]


def test_repairs_say_field_and_rule(both: Both) -> None:
    row = {
        "name": "ANA LIMA",
        "tax_id": "5198481874",
        "birth_date": "01/02/1980",
        "phones": "11 98765-4321|11 8765-4321",
    }
    row |= {"emails": "<ana@clinica.com.br>", "city": "São Paulo", "state": "SP"}
    found = both.flat(table_of([row]), Options())["bureau_repairs"][0].as_py()
    expected = [
        "tax_id: leading_zeros_restored",
        "birth_date: date_form",
        "phones[1]: ninth_digit_added",
        "emails[0]: display_name_removed",
    ]
    assert expected == found.split("; ")


def test_a_table_without_rows_has_all_columns(both: Both) -> None:
    assert 0 == both.flat(table_of([]), Options()).num_rows


def test_the_batch_function_goes_to_other_processes_and_gives_whole_answers_when_asked(synthetic_home: Path) -> None:
    import pickle

    table = queries_of(synthetic_home).slice(0, 5)
    answer: Any = pickle.loads(pickle.dumps(answering(synthetic_home, Options())))  # noqa: S301  our own bytes
    assert answer_table is answer.func
    plain, nested = answer(table, False), answer(table, True)
    assert plain.columns == nested.columns
    assert (0, 5) == (len(plain.nested), len(nested.nested))


def test_what_intake_repaired_stands_before_what_was_repaired_later(both: Both, synthetic_home: Path) -> None:
    sent = {**both.own_row(Kind.PERSON, 5), "phones": "1187654321 / 1133334444", "name": "NAO TEM"}
    table = repaired(pa.Table.from_pylist([sent, {"name": "NAO TEM", "kind": "person"}], CANONICAL))
    answer = answering(synthetic_home, Options())
    flat, whole = answer(table, False), answer(table, True)
    notes = flat.columns["bureau_repairs"].to_pylist()
    assert notes[0].startswith("name: placeholder_removed; phones: several_split; ")
    assert "phones[0]: ninth_digit_added" in notes[0].split("; ")
    assert "record: nothing_to_search" == notes[1]
    assert notes == whole.columns["bureau_repairs"].to_pylist()
    assert b'{"field":"phones","from":"1187654321 / 1133334444","to":"1187654321|1133334444"' in whole.nested[0]
