"""Texts in the three ways files write them, and fixed-width numbers built digit by digit."""

import functools
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loaders.synthetic.chance import Ints, Mask

Style = str  # a field of Lettering
Letters = NDArray[np.uint8]

_PARTICLES = frozenset({"DA", "DE", "DO", "DAS", "DOS", "E"})

# Census tables carry no accents; these are put back where files write them.
_ACCENTED = {
    plain: accented
    for accented in [
        "JOSÉ",
        "ANTÔNIO",
        "LUÍS",
        "ANDRÉ",
        "SÉRGIO",
        "FÁBIO",
        "MÁRCIO",
        "FLÁVIO",
        "CLÁUDIO",
        "VINÍCIUS",
        "ROGÉRIO",
        "JÚLIO",
        "MÁRIO",
        "LÚCIO",
        "OTÁVIO",
        "INÁCIO",
        "MÔNICA",
        "LÚCIA",
        "MÁRCIA",
        "PATRÍCIA",
        "CLÁUDIA",
        "ÂNGELA",
        "FÁTIMA",
        "CÉLIA",
        "SÔNIA",
        "JÚLIA",
        "FLÁVIA",
        "VITÓRIA",
        "LETÍCIA",
        "JÉSSICA",
        "TÂNIA",
        "VERÔNICA",
        "CECÍLIA",
        "LÍVIA",
        "GRAÇAS",
        "CÁSSIA",
        "NAZARÉ",
        "ARAÚJO",
        "GONÇALVES",
        "MENDONÇA",
        "FRANÇA",
        "ASSUNÇÃO",
        "CÂNDIDO",
        "ROMÃO",
        "SIMÕES",
        "MAGALHÃES",
        "GUIMARÃES",
        "GALVÃO",
        "FALCÃO",
        "SALOMÃO",
        "BRANDÃO",
        "LEÃO",
        "JOÃO",
        "SEBASTIÃO",
        "CONCEIÇÃO",
        "ABRAÃO",
        "ADÃO",
        "DAMIÃO",
        "RAMÃO",
        "BELTRÃO",
        "ESTÊVÃO",
        "CÉSAR",
        "HÉLIO",
        "AURÉLIO",
        "EUGÊNIO",
        "ANTÔNIA",
        "JÚNIOR",
        "ÉRICA",
        "ÉRICO",
        "DÉBORA",
        "BÁRBARA",
        "CÍCERO",
        "CÍCERA",
        "ÍTALO",
        "VÍTOR",
        "GENÉSIO",
        "TARCÍSIO",
        "ANÍSIO",
        "ONÓRIO",
        "LÁZARO",
        "NÉLSON",
        "MOISÉS",
        "INÊS",
        "TERESÓPOLIS",
        "SÃO",
        "PRAÇA",
        "SÍTIO",
        "GETÚLIO",
        "JUSCELINO",
        "BRASÍLIA",
        "GOIÁS",
        "PARANÁ",
        "AMAPÁ",
        "PARÁ",
        "CEARÁ",
        "MARANHÃO",
        "PIAUÍ",
        "RONDÔNIA",
        "DEODORO",
        "REPÚBLICA",
        "INDEPENDÊNCIA",
        "HENRIQUE",
        "ESTAÇÃO",
        "TIRADENTES",
        "CONSTITUIÇÃO",
        "MAIO",
        "ÁGUA",
        "JARDIM",
        "JACARANDÁS",
        "IPÊS",
        "ESPERANÇA",
        "ALIANÇA",
        "CORAÇÃO",
        "RIACHÃO",
        "TRÊS",
        "CHÁCARA",
        "SERVIDÃO",
    ]
    for plain in ["".join(c for c in unicodedata.normalize("NFD", accented) if not unicodedata.combining(c))]
}


class Lettering(NamedTuple):
    """The same texts, row by row, in capitals without accents, in capitals with them, and as in running text."""

    plain: pa.StringArray
    accented: pa.StringArray
    titled: pa.StringArray


def unaccented(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def lettering(texts: Iterable[str]) -> Lettering:
    """All three forms of ``texts``; the empty text becomes null so that joining skips it."""
    titled = [" ".join(map(_titled, text.split(" "))) if text else None for text in texts]
    capitals = [text and text.upper() for text in titled]
    plain = [text and unaccented(text) for text in capitals]
    return Lettering(*(pa.array(column, pa.string()) for column in (plain, capitals, titled)))


def _titled(word: str) -> str:
    upper = word.upper()
    return upper.lower() if upper in _PARTICLES else _ACCENTED.get(upper, upper).capitalize()


def digits(numbers: Ints, width: int) -> Letters:
    """ASCII digits of non-negative numbers, one row each, padded with zeros on the left."""
    result = np.empty((len(numbers), width), dtype=np.uint8)
    rest = numbers
    for column in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        result[:, column] = digit + 48
    return result


def fixed(*parts: Letters | bytes) -> pa.StringArray:
    """One text a row, all equally long: matrices of letters with literal text between them."""
    rows = next(len(part) for part in parts if isinstance(part, np.ndarray))
    columns = [
        np.broadcast_to(np.frombuffer(part, np.uint8), (rows, len(part))) if isinstance(part, bytes) else part
        for part in parts
    ]
    letters = np.ascontiguousarray(np.hstack(columns))
    offsets = np.arange(rows + 1, dtype=np.int32) * letters.shape[1]
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(letters))


def date_parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01."""
    moment = days.astype("datetime64[D]")
    month = moment.astype("datetime64[M]")
    year = moment.astype("datetime64[Y]")
    return (
        year.astype(np.int64) + 1970,
        (month - year).astype(np.int64) + 1,
        (moment - month).astype(np.int64) + 1,
    )


def dates(days: Ints, pattern: str) -> pa.StringArray:
    """Dates as text: ``pattern`` is ``iso``, ``brazilian`` (DD/MM/YYYY) or ``register`` (YYYYMMDD)."""
    year, month, day = date_parts(days)
    y, m, d = digits(year, 4), digits(month, 2), digits(day, 2)
    if pattern == "brazilian":
        return fixed(d, b"/", m, b"/", y)
    return fixed(y, b"-", m, b"-", d) if pattern == "iso" else fixed(y, m, d)


def blank_where(values: pa.Array, absent: Mask) -> pa.Array:
    return pc.if_else(pa.array(absent), pa.scalar(None, values.type), values)


def joined(columns: list[pa.Array], separator: str) -> pa.StringArray:
    """Row by row, the columns that are not null, with ``separator`` between them; null where all are."""
    absent = functools.reduce(pc.and_, map(pc.is_null, columns))
    # Arrow leaves out rows that are null throughout, so that the answer would be too short: give them a text
    first = pc.if_else(absent, pa.scalar(""), columns[0])
    texts = pc.binary_join_element_wise(first, *columns[1:], separator, null_handling="skip")
    return pc.if_else(absent, pa.scalar(None, pa.string()), texts)
