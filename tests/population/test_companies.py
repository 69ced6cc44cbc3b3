import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from bureau.model.snapshot import COMPANY_FACTS
from bureau.model.tables import COMPANIES
from bureau.normalise.companies import company_name
from bureau.population.companies import CompanyNames, entity_facts
from bureau.population.entities import Entities
from bureau.population.intern import Interner
from bureau.population.rows import Names, Parts

WORDS = (
    "PADARIA SILVA 3 E DE DA LTDA S A SA CIA COMPANHIA ME EPP SS SOCIEDADE SIMPLES ANONIMA MICRO EMPRESA "
    "MASSA FALIDA EM LIQUIDACAO RECUPERACAO JUDICIAL 12345678 12345678909"
)
words = st.sampled_from(WORDS.split(" "))
names = st.lists(words, min_size=1, max_size=10).map(" ".join)


def texts_of(interner: Interner, rows: np.ndarray) -> tuple[str, ...]:
    offsets, letters = interner.heap()
    return tuple(letters[offsets[row] : offsets[row + 1]].tobytes().decode() for row in rows if row)


@given(st.lists(st.tuples(names, st.one_of(st.none(), names)), min_size=1, max_size=5))
def test_names_are_taken_apart_as_the_scalar_function_does(companies: list[tuple[str, str | None]]) -> None:
    vocabulary, parts, found = Interner(), Parts(), Names.empty(2 * len(companies))
    columns = {field.name: pa.nulls(len(companies), field.type) for field in COMPANIES}
    columns["legal_name"] = pa.array([legal for legal, _ in companies], pa.string())
    columns["trade_name"] = pa.array([trade for _, trade in companies], pa.string())
    CompanyNames(vocabulary).fill(found, parts, pa.RecordBatch.from_pydict(columns, COMPANIES), 0)
    for i, text in enumerate(name for pair in companies for name in pair):
        expected = company_name(text)
        content = expected.content if expected else ()
        kept = content if len(content) <= 6 else (*content[:5], content[-1])
        assert kept == texts_of(vocabulary, found.content[i])
        assert (expected.legal_form if expected else 0) == found.suffix[i]


def test_facts_come_from_the_latest_row_that_says_something() -> None:
    facts = np.zeros(4, COMPANY_FACTS)
    facts["registration_status"] = [2, 8, 0, 0]
    facts["size"] = [1, 2, 3, 4]
    entities = Entities(
        np.array([1, 2]), np.array([0, 0, 0, 1], np.uint32), np.array([0, 3, 4]), np.array([2, 1, 0, 3], np.uint32)
    )
    assert [2, 4] == entity_facts(facts, entities)["size"].tolist()
