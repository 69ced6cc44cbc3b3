"""JSON bytes → Structs, and when that fails, every fault with its JSON pointer and never the offending value.

The fast path is one msgspec call and one look for duplicate keys. Only a body that fails is walked a second time.
"""

import json
import re
from collections.abc import Iterator
from enum import EnumMeta
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from api.distinct_names import all_distinct
from api.errors import Fault, RequestRefused

T = TypeVar("T")

MOST_FAULTS = 20
"""Faults told at once; a client that gets 20 wrong has not read the documentation."""

_IN_RECORD = re.compile(r"/records/(\d+)")
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair is one character
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_PATH = re.compile(r" - at `\$(.*)`$")


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The Struct in ``body``. Raises :class:`RequestRefused` (400) with the faults."""
    value = shaped(decoder, body)
    if found := ambiguities(body):
        raise RequestRefused("invalid_body", found[0].detail, found[:MOST_FAULTS])
    return value


def shaped(decoder: msgspec.json.Decoder[T], body: bytes, pointer: str = "") -> T:
    """As :func:`decoded`, without looking for ambiguities; ``pointer`` is where in the whole body ``body`` stands."""
    if not body:
        raise RequestRefused("malformed_json", "The body is empty; send a JSON object.")
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        found = _faults(body, decoder.type, error, pointer)
    except RecursionError:
        raise RequestRefused("malformed_json", "The JSON is nested too deeply.") from None
    except UnicodeDecodeError:
        raise RequestRefused("malformed_json", "The JSON is not UTF-8.") from None
    except msgspec.DecodeError as error:
        if not (found := _lone_surrogates(body, pointer)):
            raise RequestRefused("malformed_json", f"{str(error).rstrip('.')}.") from None
    raise RequestRefused("invalid_body", found[0].detail, found)


def ambiguities(body: bytes) -> list[Fault]:
    """What JSON may hold and we cannot take at face value: duplicate members, NUL characters, half characters.

    ``body`` was decoded before, so it is JSON.
    """
    if b"\\" not in body:  # then no character is written in disguise, and a text ends at the next quotation mark
        return [] if all_distinct(body) else _duplicate_members(body)
    return _duplicate_members(body) + _nul_characters(body) + _lone_surrogates(body, "")


def ambiguities_by_record(body: bytes) -> dict[int | None, list[Fault]]:
    """The ambiguities of a batch by position of their record; ``None`` has those of the envelope."""
    found: dict[int | None, list[Fault]] = {}
    for fault in ambiguities(body):
        place = _IN_RECORD.match(fault.pointer)
        found.setdefault(int(place[1]) if place else None, []).append(fault)
    return found


def without_lone_surrogates(body: bytes) -> bytes:
    """``body`` with half characters replaced: msgspec refuses a whole batch for one of them, in whichever record.

    :func:`ambiguities_by_record` of the original still finds them, so the record itself is refused.
    """
    return _ESCAPE.sub(_replaced, body) if b"\\ud" in body.lower() else body


def _replaced(escape: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if escape["half"] else escape[0]


def _duplicate_members(body: bytes) -> list[Fault]:
    """Members given twice, which JSON readers resolve differently (RFC 8259 §4): refused rather than guessed."""
    text = body.decode("utf-8", "replace")
    try:
        _load(text, _refuse_duplicates)
    except _Duplicate:
        return [
            Fault(pointer, "duplicate_member", "This member is given more than once.")
            for pointer in _duplicates(_load(text, _Members), "")
        ]
    return []


class _Duplicate(Exception):
    pass


class _Members(list[tuple[str, Any]]):
    """An object's members as they were written."""


def _load(text: str, hook: Any) -> Any:
    # Numbers stay text: turning a number of 5,000 digits into an int is refused by Python.
    return json.loads(text, object_pairs_hook=hook, parse_int=str, parse_float=str, strict=False)


def _refuse_duplicates(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise _Duplicate
    return found


def _duplicates(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, member in value:
            if name in seen:
                yield _member(pointer, name)
            seen.add(name)
            yield from _duplicates(member, _member(pointer, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _duplicates(item, f"{pointer}/{position}")


def _nul_characters(body: bytes) -> list[Fault]:
    """Texts with U+0000, which no name or address contains and PostgreSQL cannot keep."""
    if b"\\u0000" not in body:
        return []
    return [
        Fault(pointer, "nul_character", "Text may not contain the character U+0000.")
        for pointer, text in _texts(_load(body.decode("utf-8", "replace"), None), "")
        if "\0" in text
    ]


def _lone_surrogates(body: bytes, pointer: str) -> list[Fault]:
    """Texts with half a character (``\\ud800`` alone), which msgspec refuses without saying where."""
    if b"\\ud" not in body.lower():
        return []
    try:
        value = _load(body.decode("utf-8", "replace"), None)
    except (ValueError, RecursionError):
        return []
    return [
        Fault(place, "lone_surrogate", "Text may not contain half of a surrogate pair.")
        for place, text in _texts(value, pointer)
        if any("\ud800" <= character <= "\udfff" for character in text)
    ][:MOST_FAULTS]


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, _member(pointer, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{position}")


def _faults(body: bytes, wanted: Any, first: msgspec.ValidationError, pointer: str) -> list[Fault]:
    """All faults msgspec would find one after the other; only the first when the rest is not even JSON."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [_fault(first, pointer, wanted)]
    found: list[Fault] = []
    for fault in _walk(value, wanted, pointer):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return found or [_fault(first, pointer, wanted)]


def _walk(value: Any, wanted: Any, pointer: str) -> Iterator[Fault]:
    if msgspec.Raw in get_args(_bare(wanted)):
        return  # records of a batch are judged one by one
    try:
        msgspec.convert(value, wanted)
    except (msgspec.ValidationError, RecursionError) as error:
        inside = list(_members(value, wanted, pointer))
        yield from inside or [_fault(error, pointer, wanted)]


def _members(value: Any, wanted: Any, pointer: str) -> Iterator[Fault]:
    struct = _struct(wanted)
    if struct and isinstance(value, dict):
        types = get_type_hints(struct, include_extras=True)
        for name, member in value.items():
            if name in types:
                yield from _walk(member, types[name], _member(pointer, name))
            else:
                yield Fault(_member(pointer, name), "unknown_field", f"The field {_quoted(name)} is not known here.")
        for field in msgspec.structs.fields(struct):
            if field.required and field.name not in value:
                yield Fault(_member(pointer, field.name), "missing_field", "This field is required.")
    elif get_origin(bare := _bare(wanted)) is list and isinstance(value, list):
        for position, item in enumerate(value):
            yield from _walk(item, get_args(bare)[0], f"{pointer}/{position}")


def _bare(wanted: Any) -> Any:
    return get_args(wanted)[0] if get_origin(wanted) is Annotated else wanted


def _struct(wanted: Any) -> type[msgspec.Struct] | None:
    """The Struct that ``wanted`` is or may be (``Address | None``)."""
    for candidate in (wanted, *get_args(wanted)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _fault(error: Exception, pointer: str, wanted: Any) -> Fault:
    """msgspec's sentence without its path, and without the value that its enum message would quote."""
    message = str(error)
    path = _PATH.search(message)
    if path:
        message = message[: path.start()]
        pointer += re.sub(r"[.\[]", "/", path[1].replace("]", ""))
    if message.startswith("Object contains unknown field"):
        return Fault(pointer, "unknown_field", message.replace("`", '"') + ".")
    if message.startswith("Invalid enum value"):
        return Fault(pointer, "not_allowed", f"Must be one of: {', '.join(_choices(wanted))}.")
    if " of length" in message:
        return Fault(pointer, "bad_length", message.replace("`", "") + ".")
    return Fault(pointer, "wrong_type_or_range", message.replace("`", "") + ".")


def _choices(wanted: Any) -> list[str]:
    """The texts an enumeration or ``Literal`` allows, wherever it is in ``wanted``."""
    if isinstance(wanted, EnumMeta):
        return [str(choice) for choice in list[Any](wanted)]
    arguments = get_args(wanted)
    texts = [argument for argument in arguments if isinstance(argument, str)]
    return texts or [choice for argument in arguments for choice in _choices(argument)]


def _member(pointer: str, name: str) -> str:
    return f"{pointer}/{name[:64].replace('~', '~0').replace('/', '~1')}"


def _quoted(name: str) -> str:
    return msgspec.json.encode(name[:64]).decode()
