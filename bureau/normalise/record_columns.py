"""The columnar form of ``record.canonical`` in its lenient mode: a table of records of one kind → a struct of arrays.

Ordinary values go through the columnar normalisers and distinct ones are read once; only what they cannot read (a
masked tax id, say) goes through the scalar functions. A property test holds both forms equal.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.model.query import Kind
from bureau.normalise.addresses import municipality, municipality_of_postal_code, postal_codes
from bureau.normalise.columns import as_strings, is_valid, map_distinct, text_bytes
from bureau.normalise.dates import FIRST_YEAR, DateProblem, day_number, parse_date
from bureau.normalise.emails import emails
from bureau.normalise.name_columns import Words, company_names, person_names
from bureau.normalise.phones import phones
from bureau.normalise.plain_digits import DAY_FIRST, UNREAD, plain_dates
from bureau.normalise.record import SEXES, house_code
from bureau.normalise.tax_columns import TaxColumns, tax_columns
from bureau.normalise.text import clean
from bureau.reference.places import municipalities

LIST_SEPARATOR = "|"


class Phones(NamedTuple):
    """The phones of row r are pieces ``offsets[r]..offsets[r + 1]``: each as sent, with the area code assumed for it
    (0 none) and its national number (0 where it cannot be read)."""

    offsets: NDArray[np.int64]
    texts: pa.Array
    area_codes: NDArray[np.int64]
    numbers: NDArray[np.int64]


class Emails(NamedTuple):
    """Likewise; ``addresses`` are null where a piece cannot be read."""

    offsets: NDArray[np.int64]
    texts: pa.Array
    addresses: pa.Array


class CanonicalColumns(NamedTuple):
    """``model.canonical.CanonicalRecord`` in columns, without the names to show; absent is 0. ``date_rules`` names
    what was done to a date, null for nothing."""

    name: Words
    suffix: NDArray[np.uint8]
    mother: Words
    date: NDArray[np.int32]
    date_rules: pa.Array
    sex: NDArray[np.int32]
    municipality: NDArray[np.int32]
    postal_code: NDArray[np.int32]
    house: NDArray[np.int32]
    tax: TaxColumns
    phones: Phones
    emails: Emails

    @property
    def searchable(self) -> NDArray[np.bool_]:
        """Rows with anything to search by; the others are refused, as ``record.canonical`` refuses them."""
        tax = (self.tax.valid != 0) | (self.tax.visible != 0) | self.tax.broken
        phone = read_per_row(self.phones.offsets, self.phones.numbers > 0) > 0
        email = read_per_row(self.emails.offsets, is_valid(self.emails.addresses)) > 0
        found: NDArray[np.bool_] = (np.diff(self.name.offsets) > 0) | tax | phone | email
        return found


def canonical_columns(table: pa.Table, kind: Kind, today: date) -> CanonicalColumns:
    """Read records of one kind, raw text in the columns of ``intake.canonical``; any column may be absent."""

    def column(field: str) -> pa.Array:
        return as_strings(table[field]) if field in table.column_names else pa.nulls(table.num_rows, pa.string())

    place, postal_code = _places(column("city"), column("state"), column("postal_code"))
    if kind is Kind.COMPANY:
        own = column("name")
        name, suffix = company_names(pc.if_else(pc.equal(own, ""), None, own).fill_null(column("trade_name")))
        mother = Words.none(table.num_rows)
    else:
        name, suffix = person_names(column("name"))
        mother, _ = person_names(column("mother_name"))
    days, date_rules = _dates(column("birth_date"), today)
    sex = map_distinct(column("sex"), lambda text: SEXES.get(clean(text) or "", 0), pa.int32())
    house = map_distinct(column("number"), house_code, pa.int32())
    return CanonicalColumns(
        name=name,
        suffix=suffix,
        mother=mother,
        date=days,
        date_rules=date_rules,
        sex=sex.fill_null(0).to_numpy(),
        municipality=place,
        postal_code=postal_code,
        house=house.fill_null(0).to_numpy(),
        tax=tax_columns(column("tax_id"), kind),
        phones=_phones(column("phones"), place),
        emails=_emails(column("emails")),
    )


def read_per_row(offsets: NDArray[np.int64], read: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many pieces of each row could be read."""
    total: NDArray[np.int64] = np.diff(np.concatenate([[0], np.cumsum(read)])[offsets])
    return total


def _dates(texts: pa.Array, today: date) -> tuple[NDArray[np.int32], pa.Array]:
    numbers, forms = plain_dates(*text_bytes(texts), FIRST_YEAR, day_number(today))
    rules = np.full(len(texts), None, object)
    rules[forms >= DAY_FIRST] = "date_form"
    rows = np.flatnonzero((forms == UNREAD) & is_valid(texts))
    others = texts.take(pa.array(rows)).dictionary_encode()
    read = [_date(text, today) for text in others.dictionary.to_pylist()]
    for row, which in zip(rows.tolist(), others.indices.to_pylist(), strict=True):
        numbers[row], rules[row] = read[which]
    return numbers, pa.array(rules, pa.string())


def _date(text: str, today: date) -> tuple[int, str | None]:
    found = parse_date(text, today)
    if isinstance(found, date):
        return day_number(found), None if found.isoformat() == text.strip() else "date_form"
    return 0, None if found is DateProblem.MISSING else f"ignored_{found.value}"


def _places(cities: pa.Array, states: pa.Array, codes: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Municipality and CEP; the CEP's own municipality serves where the city is not known."""
    city, state = cities.dictionary_encode("encode"), states.dictionary_encode("encode")
    names, ufs = city.dictionary.to_pylist(), state.dictionary.to_pylist()
    pairs = city.indices.to_numpy().astype(np.int64) * max(len(ufs), 1) + state.indices.to_numpy()
    distinct, row = np.unique(pairs, return_inverse=True)
    found = [municipality(names[pair // len(ufs)], ufs[pair % len(ufs)]) for pair in distinct.tolist()]
    place = np.array(found, np.int32)[row]
    postal_code = postal_codes(codes)
    unknown = np.flatnonzero((place == 0) & (postal_code > 0))
    place[unknown] = [municipality_of_postal_code(code) for code in postal_code[unknown].tolist()]
    return place, postal_code


def _pieces(cells: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """The members of lists separated by ``|``, blank ones left out."""
    lists = pc.split_pattern(cells, LIST_SEPARATOR)
    texts, offsets = lists.flatten(), lists.offsets.to_numpy().astype(np.int64)
    said = pc.not_equal(pc.utf8_trim(texts, " "), "")
    kept = said.to_numpy(zero_copy_only=False)
    counts = read_per_row(offsets - offsets[0], kept)
    return np.concatenate([[0], np.cumsum(counts)]), texts.filter(said)


def _phones(cells: pa.Array, place: NDArray[np.int32]) -> Phones:
    offsets, texts = _pieces(cells)
    area_code = np.array([0, *(place.area_code for place in municipalities())], np.int64)
    area_codes = np.repeat(area_code[place], np.diff(offsets))
    return Phones(offsets, texts, area_codes, phones(texts, area_codes).numbers)


def _emails(cells: pa.Array) -> Emails:
    offsets, texts = _pieces(cells)
    return Emails(offsets, texts, emails(texts).addresses)
