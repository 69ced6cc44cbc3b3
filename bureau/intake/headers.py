"""Which column holds what: header names in English and Portuguese, or the user's own mapping file.

A name is compared without accents, case, punctuation and filler words (``Nome do Cliente`` is ``nome``), with its
number kept apart (``Telefone 2``). Several phone or e-mail columns become one list; an area-code column
(DDD) is paired with the phone of its number, else with the next phone to its right.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.synonyms import (
    AREA_CODES,
    COMPANY_NAMES,
    EMAILS,
    FILLER,
    PARTS,
    PERSON_NAMES,
    PHONES,
    QUALIFIERS,
    SYNONYMS,
)

SINGLE = tuple(SYNONYMS)
LISTS = ("phones", "emails")
FIELDS = (*SINGLE, *LISTS)
IGNORED = "ignore"
"""In a mapping: columns that are nothing to us, whatever they are called."""

_SAYS_TAX_ID = SYNONYMS["tax_id"].index("documento")
"""The synonyms before it can mean nothing else."""

Mapped = dict[str, list[str | list[str]]]


class PhoneColumns(msgspec.Struct, frozen=True):
    """Where a phone stands; ``area_code`` is the column of its DDD when that is apart."""

    number: int
    area_code: int | None = None


class ColumnMap(msgspec.Struct, frozen=True):
    """Columns (0-based) by canonical field.

    The cells of a field with several columns (street type and street, given name and surname) belong together,
    joined by one blank. ``company_names`` says that the header speaks of companies only (``CNPJ``, ``Razão
    Social``). ``unused`` columns were not recognised, or repeat a field that an earlier column already gives.
    """

    fields: dict[str, tuple[int, ...]]
    phones: tuple[PhoneColumns, ...]
    emails: tuple[int, ...]
    company_names: bool
    unused: tuple[int, ...]
    ignored: tuple[int, ...] = ()

    def by_field(self) -> dict[str, tuple[int, ...]]:
        """Columns by field, phones with their area codes and e-mails among them."""
        ends = [column for phone in self.phones for column in (phone.area_code, phone.number) if column is not None]
        return {**self.fields, "phones": tuple(ends), "emails": self.emails}

    def as_mapping(self, header: Sequence[str]) -> "Mapped":
        """The same as a mapping file would say it."""
        found: Mapped = {field: [header[column] for column in columns] for field, columns in self.fields.items()}
        found["emails"] = [header[column] for column in self.emails]
        found["phones"] = [
            header[phone.number] if phone.area_code is None else [header[phone.area_code], header[phone.number]]
            for phone in self.phones
        ]
        return {field: names for field, names in found.items() if names}

    def without_use(self, columns: int) -> tuple[int, ...]:
        """Those of so many columns that no field has."""
        used = {column for some in self.by_field().values() for column in some}
        return tuple(column for column in range(columns) if column not in used)


def read_mapping(path: Path) -> Mapped:
    """Read a ``--map`` file, TOML or JSON: canonical field = header name, or a list of header names.

    For ``phones`` an inner list of two is area code and number: ``phones = [["DDD", "FONE"], "CELULAR"]``; columns of
    ``ignore`` are left alone, whatever they are called, and a field with an empty list has no column. Raises
    ``UnreadableInput`` when it is neither, ``InvalidArgument`` for an unknown field.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        loaded = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        mapping = msgspec.convert(loaded, dict[str, str | list[str | list[str]]])
    except OSError as error:
        raise UnreadableInput(f"The mapping file {path} cannot be read: {error.strerror}.") from None
    except msgspec.ValidationError:
        raise UnreadableInput(
            f'The mapping file {path.name} is not usable: each line is field = "column", or a list of columns.'
        ) from None
    except ValueError as error:
        raise UnreadableInput(f"The mapping file {path.name} is not usable: {error}.") from None
    for field in mapping:
        if field not in (*FIELDS, IGNORED):
            raise InvalidArgument(f'The mapping names "{field}"; the fields are {", ".join(FIELDS)}, {IGNORED}.')
    return {field: [names] if isinstance(names, str) else names for field, names in mapping.items()}


def recognise(header: Sequence[str], mapping: Mapped | None = None) -> ColumnMap:
    """Find the canonical fields of a header; ``mapping`` (see ``read_mapping``) wins over recognised names.

    Raises ``InvalidArgument`` when the mapping names a column that is not there, ``UnreadableInput`` when no column
    says who the rows are about. Header texts are not repeated in messages: a file without a header has people there.
    """
    found = located(header, mapping)
    require_somebody(found, len(header))
    return found


def located(header: Sequence[str], mapping: Mapped | None = None) -> ColumnMap:
    """As :func:`recognise`, whether or not the rows are about anybody."""
    given = _located(header, mapping or {})
    taken = {column for groups in given.values() for group in groups for column in group}
    keys = [_Key((), 0) if column in taken else _key(name) for column, name in enumerate(header)]
    phones = tuple(PhoneColumns(group[-1], group[0] if len(group) > 1 else None) for group in given.get("phones", []))
    fields = _singles(keys) | {field: sum(given[field], ()) for field in SINGLE if field in given}
    emails = tuple(column for column, key in enumerate(keys) if key.speaks_of(EMAILS))
    found = ColumnMap(
        fields={field: columns for field, columns in fields.items() if columns},
        phones=phones if "phones" in given else _phones(keys),
        emails=sum(given["emails"], ()) if "emails" in given else emails,
        company_names=_companies_only([_key(name) for name in header]),
        unused=(),
        ignored=sum(given.get(IGNORED, []), ()),
    )
    return msgspec.structs.replace(found, unused=found.without_use(len(header)))


def require_somebody(found: ColumnMap, columns: int) -> None:
    """Raise ``UnreadableInput`` when no column says who the rows are about."""
    if not (found.fields.keys() & {"name", "tax_id", "trade_name"} or found.phones or found.emails):
        raise UnreadableInput(
            f"None of the {columns} columns has a name that says who the rows are about (such as name, nome, "
            "tax_id, CPF, CNPJ, e-mail, telefone); put the names in the first line or give a mapping "
            "(--map; of a job, its parameter mapping)."
        )


def made_up(position: int) -> str:
    """The name of a column without one; ``position`` counts from 1."""
    return f"column_{position}"


def is_recognised(name: str) -> bool:
    """Whether a header name says by itself what its column holds."""
    key = _key(name)
    known = {synonym for synonyms in SYNONYMS.values() for synonym in synonyms} | PARTS.keys()
    return key.text in known or any(key.speaks_of(words) for words in (PHONES, EMAILS, AREA_CODES | PHONES))


class _Key(NamedTuple):
    """A header name folded to words, its number apart (0 when it has none)."""

    words: tuple[str, ...]
    number: int

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def speaks_of(self, subject: frozenset[str]) -> bool:
        words = set(self.words)
        return bool(words & subject) and words <= subject | QUALIFIERS


def _key(name: str) -> _Key:
    broken = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)  # birthDate
    folded = unicodedata.normalize("NFKD", broken).encode("ascii", "ignore").decode().lower()
    folded = folded.replace("e-mail", "email").replace("e_mail", "email")
    words = re.findall(r"[a-z]+", folded)
    number = int((re.findall(r"[0-9]{1,9}", folded) or ["0"])[-1])
    content = [word for word in words if word not in FILLER]
    return _Key(tuple(content or words), number)


def _located(header: Sequence[str], mapping: Mapped) -> dict[str, list[tuple[int, ...]]]:
    """The mapping with header names replaced by their columns; outer blanks and case do not matter."""
    columns = {name.strip().casefold(): column for column, name in reversed(list(enumerate(header)))}

    def column(field: str, name: str) -> int:
        if name.strip().casefold() not in columns:
            raise InvalidArgument(f'The mapping gives "{name}" for {field}, and the file has no such column.')
        return columns[name.strip().casefold()]

    return {
        field: [
            tuple(column(field, name) for name in ([group] if isinstance(group, str) else group)) for group in groups
        ]
        for field, groups in mapping.items()
    }


def _singles(keys: Sequence[_Key]) -> dict[str, tuple[int, ...]]:
    """Fields that hold one value, the first column of each, with their pieces joined in order."""
    field_of = {synonym: field for field, synonyms in SYNONYMS.items() for synonym in synonyms}
    rank = {synonym: number for number, synonym in enumerate(SYNONYMS["tax_id"])}
    found: dict[str, tuple[int, ...]] = {}
    for column, key in enumerate(keys):
        field = field_of.get(key.text)
        if field:
            found.setdefault(field, (column,))
        # A column called CPF is one, whatever "documento" before it may be.
        if field == "tax_id" and rank[key.text] < min(rank[keys[found[field][0]].text], _SAYS_TAX_ID):
            found[field] = (column,)
    for column, key in enumerate(keys):
        field, side = PARTS.get(key.text, ("", 0))
        if field in found:
            found[field] = (column, *found[field]) if side < 0 else (*found[field], column)
    return found


def _phones(keys: Sequence[_Key]) -> tuple[PhoneColumns, ...]:
    """Phone columns in file order, each with its area-code column if one belongs to it.

    An area-code name that also says phone (``DDD Telefone``) and finds no partner is a whole number itself.
    """
    area_codes = [column for column, key in enumerate(keys) if key.speaks_of(AREA_CODES | PHONES) and _area(key)]
    numbers = [column for column, key in enumerate(keys) if key.speaks_of(PHONES) and not _area(key)]
    area_of: dict[int, int] = {}
    whole = []
    for area_code in area_codes:
        partner = _partner(keys, area_code, [column for column in numbers if column not in area_of])
        if partner is not None:
            area_of[partner] = area_code
        elif set(keys[area_code].words) & PHONES:
            whole.append(area_code)
    return tuple(PhoneColumns(column, area_of.get(column)) for column in sorted(numbers + whole))


def _area(key: _Key) -> bool:
    return bool(set(key.words) & AREA_CODES)


def _partner(keys: Sequence[_Key], area_code: int, numbers: Sequence[int]) -> int | None:
    """The phone column an area code belongs to: same words and number, else same number, else next on the right."""
    key = keys[area_code]
    words = set(key.words) - AREA_CODES - QUALIFIERS
    numbered = [column for column in numbers if keys[column].number == key.number]
    worded = [column for column in numbered if words and words <= set(keys[column].words)]
    if worded or words:
        return worded[0] if worded else None
    if key.number and numbered:
        return numbered[0]
    return area_code + 1 if area_code + 1 in numbers else None


def _companies_only(keys: Sequence[_Key]) -> bool:
    names = {key.text for key in keys}
    return bool(names & COMPANY_NAMES) and not names & PERSON_NAMES
