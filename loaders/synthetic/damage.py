"""Labelled damage to one record, as clients' files have it: each kind changes the field that its name begins with.

A kind that cannot apply (no second surname to drop, no zero to lose) answers ``None``.
"""

from collections.abc import Callable

import numpy as np

from loaders.synthetic.chance import Generator
from loaders.synthetic.lettering import PARTICLES
from loaders.synthetic.names import SUFFIXES
from loaders.synthetic.noise import mistyped

Record = dict[str, str]
"""Field → text, empty where absent. Beside the people table's fields there are ``other_name`` (before marriage for a
record that holds the name after it, and the reverse), ``spare_surname``, ``spare_phones`` (the oldest number of the
same person), ``spare_street`` and the other address fields of another home nearby."""


def _tokens(record: Record) -> tuple[list[str], list[str]]:
    """Name tokens, and the suffix apart (empty list if none)."""
    tokens = record["name"].split()
    return (tokens[:-1], tokens[-1:]) if tokens[-1] in SUFFIXES else (tokens, [])


def _named(record: Record, *parts: list[str]) -> Record:
    return record | {"name": " ".join(token for part in parts for token in part)}


def _surnames(tokens: list[str]) -> list[int]:
    """Positions of content tokens after the first."""
    return [i for i in range(1, len(tokens)) if tokens[i] not in PARTICLES]


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


def surname_added(_: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    spare = record["spare_surname"].split()
    return None if spare[-1] in tokens else _named(record, tokens, spare, suffix)


def surname_dropped(rng: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    places = _surnames(tokens)
    if len(places) < 2:
        return None
    i = places[int(rng.integers(len(places)))]
    start = i - 1 if tokens[i - 1] in PARTICLES else i  # its particle goes too
    return _named(record, tokens[:start], tokens[i + 1 :], suffix)


def surname_married(_: Generator, record: Record) -> Record | None:
    return record | {"name": record["other_name"]} if record["other_name"] else None


def abbreviated(_: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    places = _surnames(tokens)[:-1]
    return _named(record, [t[0] if i in places else t for i, t in enumerate(tokens)], suffix) if places else None


def suffix_missing(_: Generator, record: Record) -> Record | None:
    tokens, suffix = _tokens(record)
    return _named(record, tokens) if suffix else None


def birth_day_wrong(rng: Generator, record: Record) -> Record | None:
    if not record["birth_date"]:
        return None
    year, month, day = record["birth_date"].split("-")
    other = (int(day) - 1 + int(rng.integers(1, 28))) % 28 + 1
    return record | {"birth_date": f"{year}-{month}-{other:02}"}


def birth_swapped(_: Generator, record: Record) -> Record | None:
    if not record["birth_date"]:
        return None
    year, month, day = record["birth_date"].split("-")
    return record | {"birth_date": f"{year}-{day}-{month}"} if int(day) <= 12 else None


def birth_missing(_: Generator, record: Record) -> Record | None:
    return record | {"birth_date": ""}


def cpf_one_digit(rng: Generator, record: Record) -> Record | None:
    cpf, i = record["tax_id"], int(rng.integers(11))
    return record | {"tax_id": f"{cpf[:i]}{(int(cpf[i]) + int(rng.integers(1, 10))) % 10}{cpf[i + 1 :]}"}


def cpf_swapped(rng: Generator, record: Record) -> Record | None:
    cpf, i = record["tax_id"], int(rng.integers(10))
    return record | {"tax_id": cpf[:i] + cpf[i + 1] + cpf[i] + cpf[i + 2 :]}


def cpf_missing_digit(rng: Generator, record: Record) -> Record | None:
    i = int(rng.integers(1, 11))  # a first digit that is missing is a lost zero
    return record | {"tax_id": record["tax_id"][:i] + record["tax_id"][i + 1 :]}


def cpf_extra_digit(rng: Generator, record: Record) -> Record | None:
    i = int(rng.integers(12))
    return record | {"tax_id": record["tax_id"][:i] + str(rng.integers(10)) + record["tax_id"][i:]}


def cpf_lost_zeros(_: Generator, record: Record) -> Record | None:
    return record | {"tax_id": record["tax_id"].lstrip("0")}


def cpf_missing(_: Generator, record: Record) -> Record | None:
    return record | {"tax_id": ""}


def moved(_: Generator, record: Record) -> Record | None:
    address = ("street", "number", "complement", "district", "city", "state", "postal_code")
    return record | {field: record[f"spare_{field}"] for field in address}


def old_phone(_: Generator, record: Record) -> Record | None:
    return record | {"phones": record["spare_phones"]} if record["spare_phones"] else None


Kind = Callable[[Generator, Record], Record | None]
KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (
        typo_first_name, typo_surname, surname_added, surname_dropped, surname_married, abbreviated, suffix_missing,
        birth_day_wrong, birth_swapped, birth_missing, cpf_one_digit, cpf_swapped, cpf_missing_digit, cpf_extra_digit,
        cpf_lost_zeros, cpf_missing, moved, old_phone,
    )
}  # fmt: skip

_LATER_REGISTER = {
    "typo_first_name": 0.002, "typo_surname": 0.004, "surname_added": 0.003, "surname_dropped": 0.004,
    "abbreviated": 0.001, "suffix_missing": 0.03, "birth_day_wrong": 0.022, "birth_swapped": 0.001,
    "cpf_one_digit": 0.004, "cpf_swapped": 0.002, "cpf_missing_digit": 0.002, "cpf_extra_digit": 0.001,
    "cpf_lost_zeros": 0.05,
}  # fmt: skip
"""How often a client's file has each kind, of the records it can happen to, beside what time alone does (marriage,
moves, new phones). From the electoral register of 2014 to that of 2018 birth dates differ in 2.3 % and the names of
men in 1.7 %; of women in 8.3 %, which the weddings of the same years explain. The CPF's rates are our assumption."""

_SELDOM_POSSIBLE = {"suffix_missing": 0.6, "surname_married": 0.12, "cpf_lost_zeros": 0.1, "birth_swapped": 0.08}
"""Kinds that few records can suffer are tried on those first, so that they become as common as the others."""


def apply(rng: Generator, record: Record, wanted: list[str]) -> tuple[Record, list[str]]:
    """Apply the wanted kinds in turn and answer those that changed something."""
    done: list[str] = []
    for name in wanted:
        if name.startswith("cpf_") and len(record["tax_id"]) != 11:
            continue
        changed = KINDS[name](rng, record)
        if changed is not None and changed != record:
            record, done = changed, [*done, name]
    return record, done


def later_register(rng: Generator) -> list[str]:
    """The kinds one record of an ordinary client's file suffers; mostly none."""
    hits = rng.random(len(_LATER_REGISTER)) < np.array([*_LATER_REGISTER.values()])
    return [name for name, hit in zip(_LATER_REGISTER, hits, strict=True) if hit]


def oversampled(rng: Generator, record: Record) -> list[str]:
    """One kind that this record can suffer, or (one time in ten) two or three; all kinds about equally often."""
    for name, share in _SELDOM_POSSIBLE.items():
        if rng.random() < share and apply(rng, record, [name])[1]:
            return [name]
    possible = [name for name in KINDS if name not in _SELDOM_POSSIBLE and apply(rng, record, [name])[1]]
    count = 1 if rng.random() < 0.9 else int(rng.integers(2, 4))
    return [possible[i] for i in rng.choice(len(possible), min(count, len(possible)), replace=False)]
