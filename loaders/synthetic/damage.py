"""Labelled damage to one record, as clients' files have it: each kind takes a record and changes the named fields.

A kind that cannot apply (no second surname to drop, no zero to lose) answers ``None`` and another kind is tried.
"""

from collections.abc import Callable

import numpy as np

from loaders.synthetic.chance import Generator
from loaders.synthetic.names import SUFFIXES
from loaders.synthetic.noise import mistyped

Record = dict[str, str]
"""Field → text, empty where absent. Besides the table's fields: ``other_name`` (the maiden name of somebody now
called after the husband, or the reverse; empty if none), ``spare_surname``, ``spare_phone`` and ``spare_*`` address."""

_PARTICLES = frozenset({"DA", "DE", "DO", "DAS", "DOS", "E"})


def _tokens(record: Record) -> tuple[list[str], list[str]]:
    """Name tokens and the suffix (empty list if none) apart."""
    tokens = record["name"].split()
    return (tokens[:-1], tokens[-1:]) if tokens[-1] in SUFFIXES else (tokens, [])


def _named(record: Record, *parts: list[str]) -> Record:
    return record | {"name": " ".join(token for part in parts for token in part)}


def _surnames(tokens: list[str]) -> list[int]:
    """Positions of content tokens after the first."""
    return [i for i in range(1, len(tokens)) if tokens[i] not in _PARTICLES]


def typo_first_name(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    return _named(record, [mistyped(rng, tokens[0])], tokens[1:], suffix)


def typo_surname(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    places = _surnames(tokens)
    if not places:
        return None
    i = places[int(rng.integers(len(places)))]
    return _named(record, tokens[:i], [mistyped(rng, tokens[i])], tokens[i + 1 :], suffix)


def surname_added(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    spare = record["spare_surname"].split()
    return _named(record, tokens, spare, suffix) if not set(spare) & set(tokens) else None


def surname_dropped(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    places = _surnames(tokens)
    if len(places) < 2:
        return None
    i = places[int(rng.integers(len(places)))]
    start = i - 1 if tokens[i - 1] in _PARTICLES else i  # its particle goes too
    return _named(record, tokens[:start], tokens[i + 1 :], suffix)


def surname_married(rng: Generator, record: Record) -> Record | None:
    return record | {"name": record["other_name"]} if record["other_name"] else None


def abbreviated(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    places = _surnames(tokens)[:-1]
    if not places:
        return None
    return _named(record, [t[0] if i in places else t for i, t in enumerate(tokens)], suffix)


def suffix_missing(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    return _named(record, tokens) if suffix else None


def _date(record: Record) -> list[str]:
    return record["birth_date"].split("-")


def birth_day_wrong(rng: Generator, record: Record) -> Record | None:
    if not record["birth_date"]:
        return None
    year, month, day = _date(record)
    other = (int(day) - 1 + int(rng.integers(1, 27))) % 28 + 1
    return record | {"birth_date": f"{year}-{month}-{other:02}"} if other != int(day) else None


def birth_swapped(rng: Generator, record: Record) -> Record | None:
    if not record["birth_date"]:
        return None
    year, month, day = _date(record)
    return record | {"birth_date": f"{year}-{day}-{month}"} if int(day) <= 12 and day != month else None


def birth_missing(rng: Generator, record: Record) -> Record | None:
    return record | {"birth_date": ""}


def cpf_one_digit(rng: Generator, record: Record) -> Record | None:
    cpf = record["tax_id"]
    i = int(rng.integers(11))
    return record | {"tax_id": f"{cpf[:i]}{(int(cpf[i]) + int(rng.integers(1, 10))) % 10}{cpf[i + 1 :]}"}


def cpf_swapped(rng: Generator, record: Record) -> Record | None:
    cpf = record["tax_id"]
    i = int(rng.integers(10))
    return record | {"tax_id": cpf[:i] + cpf[i + 1] + cpf[i] + cpf[i + 2 :]} if cpf[i] != cpf[i + 1] else None


def cpf_missing_digit(rng: Generator, record: Record) -> Record | None:
    i = int(rng.integers(1, 11))
    return record | {"tax_id": record["tax_id"][:i] + record["tax_id"][i + 1 :]}


def cpf_extra_digit(rng: Generator, record: Record) -> Record | None:
    i = int(rng.integers(12))
    return record | {"tax_id": record["tax_id"][:i] + str(rng.integers(10)) + record["tax_id"][i:]}


def cpf_lost_zeros(rng: Generator, record: Record) -> Record | None:
    short = record["tax_id"].lstrip("0")
    return record | {"tax_id": short} if short != record["tax_id"] else None


def cpf_missing(rng: Generator, record: Record) -> Record | None:
    return record | {"tax_id": ""}


def moved(rng: Generator, record: Record) -> Record | None:
    address = {name.removeprefix("spare_"): text for name, text in record.items() if name.startswith("spare_")}
    return record | {field: text for field, text in address.items() if field not in ("surname", "phones")}


def old_phone(rng: Generator, record: Record) -> Record | None:
    return record | {"phones": record["spare_phones"]}


Kind = Callable[[Generator, Record], Record | None]
KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        typo_first_name, typo_surname, surname_added, surname_dropped, surname_married, abbreviated, suffix_missing,
        birth_day_wrong, birth_swapped, birth_missing, cpf_one_digit, cpf_swapped, cpf_missing_digit, cpf_extra_digit,
        cpf_lost_zeros, cpf_missing, moved, old_phone,
    )
}  # fmt: skip

LATER_REGISTER = {
    "typo_first_name": 0.004, "typo_surname": 0.007, "surname_added": 0.005, "surname_dropped": 0.006,
    "abbreviated": 0.002, "suffix_missing": 0.01, "birth_day_wrong": 0.022, "birth_swapped": 0.001,
    "cpf_one_digit": 0.004, "cpf_swapped": 0.002, "cpf_missing_digit": 0.002, "cpf_extra_digit": 0.001,
    "cpf_lost_zeros": 0.02,
}  # fmt: skip
"""How often a client's file has each kind, beside what time alone does (marriage, moves, new phones): names differ in
3.1 % and birth dates in 2.3 % after four years (facts-brazil §4.2); CPF rates are our assumption."""


def apply(rng: Generator, record: Record, wanted: list[str]) -> tuple[Record, list[str]]:
    """Apply the wanted kinds in turn; those that cannot apply to this record are left out of the answer."""
    done = []
    for name in wanted:
        if name.startswith("cpf_") and len(record["tax_id"]) != 11:
            continue
        changed = KINDS[name](rng, record)
        if changed is not None and changed != record:
            record, done = changed, [*done, name]
    return record, done


def later_register(rng: Generator) -> list[str]:
    """The kinds one record of a client's file suffers; mostly none."""
    chance = rng.random(len(LATER_REGISTER))
    return [
        name for name, hit in zip(LATER_REGISTER, chance < np.array([*LATER_REGISTER.values()]), strict=True) if hit
    ]


def oversampled(rng: Generator) -> list[str]:
    """One kind, all equally likely, or (one time in ten) two or three of them."""
    names = list(KINDS)
    count = 1 if rng.random() < 0.9 else int(rng.integers(2, 4))
    return [names[i] for i in rng.choice(len(names), count, replace=False)]
