"""nomenklatura's logic-v2, the matcher behind yente: candidates from its own blocking index, each scored; the score is
a heuristic, accepted from yente's default threshold on. yente itself takes its candidates from a search engine."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from followthemoney import Dataset, StatementEntity
from nomenklatura.blocker import Index
from nomenklatura.matching import LogicV2
from nomenklatura.resolver import Linker
from nomenklatura.store.memory import MemoryStore

from benchmarks.accuracy.task import NOBODY, Answers, say

THRESHOLD = 0.7  # SCORE_THRESHOLD of yente's settings
_PROPERTIES = {
    "given_name": "firstName",
    "surname": "lastName",
    "mother_name": "motherName",
    "tax_id": "taxNumber",
    "phone": "phone",
    "email": "email",
}
_ADDRESS = ("number", "street", "district", "city", "state", "postal_code")
_GENDER = {"1": "male", "2": "female"}


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    started = time.perf_counter()
    dataset = Dataset.make({"name": "known", "title": "known"})
    say(f"storing {len(known):,} known records")
    store: Any = MemoryStore(dataset, Linker({}))
    with store.writer() as writer:
        for entity in _entities(known, dataset, "k"):
            writer.add_entity(entity)
    view = store.default_view()
    best, score = np.full(len(asked), NOBODY), np.zeros(len(asked))
    with tempfile.TemporaryDirectory() as directory:
        index: Any = Index(view, Path(directory))
        say(f"indexing {len(known):,} known records, stored in {time.perf_counter() - started:.0f} s")
        index.build()
        ready = time.perf_counter()
        say(f"answering, ready after {ready - started:.0f} s")
        queries = {entity.id: entity for entity in _entities(asked, dataset, "a")}
        config = LogicV2.default_config()
        for found, candidates in index.match_entities(queries.values()):
            mine = int(str(found)[1:])
            for candidate, _ in candidates:
                result = LogicV2.compare(queries[str(found)], view.get_entity(str(candidate)), config)
                if result.score > score[mine]:
                    best[mine], score[mine] = int(str(candidate)[1:]), result.score
        index.close()
    return Answers(best, score, ready - started, time.perf_counter() - ready)


def _entities(records: pa.Table, dataset: Dataset, prefix: str) -> Iterator[StatementEntity]:
    for number, record in enumerate(records.to_pylist()):
        entity = StatementEntity.from_data(dataset, {"schema": "Person", "id": f"{prefix}{number}", "properties": {}})
        entity.add("name", " ".join(filter(None, (record["given_name"], record["surname"]))))
        for column, name in _PROPERTIES.items():
            entity.add(name, record[column])
        entity.add("gender", _GENDER.get(record["sex"] or ""))
        entity.add("birthDate", _iso(record["birth_date"]))
        entity.add("address", ", ".join(filter(None, (record[column] for column in _ADDRESS))))
        yield entity


def _iso(date: str | None) -> str | None:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else None
