"""The generator's labelled queries as a task: every row of its sources is known, every query is asked.

All systems, ours too, get the same records, already cleaned by ``bureau.normalise``: names folded, dates and phones in
one form. That is more than the peers would do for themselves, so what is left to compare is the matching.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.accuracy.task import FIELDS, NOBODY, Task
from bureau.normalise.columns import as_strings, map_distinct, normal_names
from bureau.normalise.dates import dates
from bureau.normalise.emails import Email, parse_email
from bureau.normalise.phones import Phone, parse_phone
from bureau.normalise.text import clean

_PLAIN = ("number", "street", "district", "city", "state")


def labelled(directory: Path, name: str) -> Task:
    """The task in ``directory``, which ``loaders.synthetic.generate`` wrote with people in Parquet."""
    sources = sorted((directory / "people").glob("*.parquet"))
    tables = [pq.read_table(path) for path in sources]
    persons = _persons(directory / "truth" / "people.parquet")
    person = [persons[path.stem][: len(table)] for path, table in zip(sources, tables, strict=True)]
    with (directory / "queries" / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    with (directory / "queries" / "queries.csv").open(encoding="utf-8", newline="") as file:
        queries = list(csv.DictReader(file))
    return Task(
        name,
        pa.concat_tables([cleaned(table) for table in tables]),
        cleaned(pa.Table.from_pylist(queries)),
        np.concatenate(person),
        np.array([int(row["person_id"] or NOBODY) for row in truth]),
        [row["damage"] if row["person_id"] else f"absent, {row['relative'] or 'stranger'}" for row in truth],
    )


def _persons(truth: Path) -> dict[str, np.ndarray]:
    """Source → the person of each of its rows."""
    table = pq.read_table(truth, columns=["person_id", "rows"])
    lists = table["rows"].combine_chunks()
    people = np.repeat(table["person_id"].to_numpy(), np.diff(lists.offsets.to_numpy()))
    flat = lists.flatten()
    source, row = flat.field("source").to_numpy(zero_copy_only=False), flat.field("row").to_numpy()
    found = {}
    for name in np.unique(source):
        mine = source == name
        found[name] = np.full(int(row[mine].max()), NOBODY)
        found[name][row[mine] - 1] = people[mine]
    return found


def cleaned(raw: pa.Table) -> pa.Table:
    """Columns of the people table → ``FIELDS``; of several phones or e-mails the first."""
    name = normal_names(raw["name"])
    days = dates(raw["birth_date"], datetime.now(UTC).date()).numbers
    columns = {
        "given_name": pc.replace_substring_regex(name, " .*", ""),
        "surname": pc.replace_substring_regex(name, "^[^ ]* ?", ""),
        "birth_date": pc.if_else(pa.array(days > 0), pa.array(days).cast(pa.string()), None),
        "sex": map_distinct(as_strings(raw["sex"]), {"M": "1", "F": "2"}.get, pa.string()),
        "mother_name": normal_names(raw["mother_name"]),
        "tax_id": _digits(raw["tax_id"]),
        "postal_code": _digits(raw["postal_code"]),
        "phone": map_distinct(_first(raw["phones"]), _phone, pa.string()),
        "email": map_distinct(_first(raw["emails"]), _email, pa.string()),
    } | {column: map_distinct(as_strings(raw[column]), clean, pa.string()) for column in _PLAIN}
    return pa.table({field: _missing(columns[field]) for field in FIELDS})


def _digits(column: pa.ChunkedArray) -> pa.Array:
    return pc.replace_substring_regex(as_strings(column), r"\D", "")


def _first(column: pa.ChunkedArray) -> pa.Array:
    return pc.replace_substring_regex(as_strings(column), r"\|.*", "")


def _missing(column: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(column, ""), None, column)


def _phone(text: str) -> str | None:
    found = parse_phone(text)
    return str(found.number) if isinstance(found, Phone) else None


def _email(text: str) -> str | None:
    found = parse_email(text)
    return found.address if isinstance(found, Email) else None
