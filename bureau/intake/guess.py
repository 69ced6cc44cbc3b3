"""What every column of a file is taken for, and why: the user's word, else its name, else what is in it.

Content also overrules a name that its column plainly contradicts, where another column is plainly what was meant:
that is how columns exchanged with their headers are found.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from bureau.intake.content import Content, content_as, content_of, female_share
from bureau.intake.headers import LISTS, ColumnMap, Mapped, PhoneColumns, located, require_somebody

SAMPLE_ROWS = 200
_CONTRADICTED = 0.1  # share of values below which a column is not what its header says …
_PLAIN = 0.8  # … provided that another one is, with this confidence
_FEWEST = 5  # values, before content overrules a header
_OVERRULED = ("name", "tax_id", "birth_date")
_MOTHERS = 0.9  # share of women's names in a column of mothers


class ColumnGuess(msgspec.Struct, frozen=True):
    """Column ``position`` (from 1) is taken for ``field`` (None: for nothing) because of ``why``: ``mapping``,
    ``header`` or ``content``; ``confidence`` is less than 1 for content only."""

    position: int
    name: str
    field: str | None
    why: str
    confidence: float


class Guess(msgspec.Struct, frozen=True):
    """What columns mean, and of each why."""

    meaning: ColumnMap
    columns: tuple[ColumnGuess, ...]


def guess(header: Sequence[str], sample: Sequence[Sequence[str]], mapping: Mapped | None, today: date) -> Guess:
    """``sample`` are the values of each column in some rows, blanks left out. Raises as ``headers.recognise`` does."""
    named = located(header, mapping)
    mapped = frozenset(mapping or ())
    guessing = _Guessing(sample, today, dict(named.fields), {})
    for field in _OVERRULED:
        if len(named.fields.get(field, ())) == 1 and field not in mapped:
            guessing.overrule(field)
    taken = {column for columns in guessing.fields.values() for column in columns} - set(guessing.found)
    free = [column for column in named.unused if column not in taken | set(guessing.found) | set(named.ignored)]
    contents = {column: content for column in free if (content := content_of(sample[column], today))}
    for column, content in sorted(contents.items(), key=lambda item: -item[1].confidence):
        guessing.place(column, content, mapped)
    listed = {field: sorted(c for c, content in guessing.found.items() if content.field == field) for field in LISTS}
    meaning = ColumnMap(
        fields=guessing.fields,
        phones=(*named.phones, *map(PhoneColumns, listed["phones"])),
        emails=(*named.emails, *listed["emails"]),
        company_names=named.company_names,
        unused=(),
    )
    require_somebody(meaning, len(header))
    columns = _columns(header, meaning, mapped, guessing.found)
    return Guess(msgspec.structs.replace(meaning, unused=meaning.without_use(len(header))), columns)


class _Guessing(NamedTuple):
    """``fields`` so far, and ``found``: the columns that content named."""

    sample: Sequence[Sequence[str]]
    today: date
    fields: dict[str, tuple[int, ...]]
    found: dict[int, Content]

    def overrule(self, field: str) -> None:
        """Give ``field`` to another column, where what its header names is plainly something else."""
        (named,) = self.fields[field]
        values = self.sample[named]
        if len(values) < _FEWEST or content_as(field, values, self.today).share > _CONTRADICTED:
            return
        settled = {c for other, columns in self.fields.items() if other not in _OVERRULED for c in columns}
        for column in set(range(len(self.sample))) - settled - {named}:
            content = content_as(field, self.sample[column], self.today)
            if content.confidence >= _PLAIN:
                self.fields[field] = (column,)
                self.found[column] = content
                return

    def place(self, column: int, content: Content, mapped: frozenset[str]) -> None:
        """Take a column for what it looks like, unless a better one already is."""
        field = content.field
        if field == "name" and "name" in self.fields and female_share(self.sample[column]) >= _MOTHERS:
            field = "mother_name"
        if field in mapped or field in self.fields:
            return
        self.found[column] = msgspec.structs.replace(content, field=field)
        if field not in LISTS:
            self.fields[field] = (column,)


def _columns(
    header: Sequence[str], meaning: ColumnMap, mapped: frozenset[str], found: Mapping[int, Content]
) -> tuple[ColumnGuess, ...]:
    field_of = {column: field for field, columns in meaning.by_field().items() for column in columns}
    guesses = []
    for column, name in enumerate(header):
        field = field_of.get(column)
        if field and column in found:
            why, confidence = "content", found[column].confidence
        elif field:
            why, confidence = ("mapping" if field in mapped else "header"), 1.0
        else:
            why, confidence = "", 0.0
        guesses.append(ColumnGuess(column + 1, name, field, why, confidence))
    return tuple(guesses)
