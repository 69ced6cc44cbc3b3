"""Any text → upper-case ASCII with single blanks, or None when it only says that something is missing.

Everything is done word by word (words are split at the plain blank only), so that a column can be normalised by
normalising its distinct words; see ``columns``.
"""

import re
import unicodedata
from functools import lru_cache

# Letters that have no decomposition, typographic marks, and characters that are only noise. Removed characters
# (NUL from damaged register files, soft hyphen, zero-width marks) leave no blank behind.
_SUBSTITUTES = str.maketrans(
    {
        **dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), 0x7F, 0xAD, 0xFEFF, *range(0x200B, 0x2010)], ""),
        **dict.fromkeys([*range(0x80, 0x85), *range(0x86, 0xA0)], ""),
        **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **{"Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Đ": "D", "đ": "d", "Ł": "L", "ł": "l"},
        **{"ı": "i", "Þ": "TH", "þ": "th", "°": "o", "\ufffd": "?"},
    }
)

# UTF-8 read as Latin-1 or Windows-1252. The second character stands for a continuation byte; the no-break space is
# left out after Ã, because "IRMÃ<nbsp>DULCE" is real text.
_CONTINUATION = "".join(
    sorted({chr(b) for b in range(0x80, 0xC0)} | {bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xA0)})
).replace("\xa0", "")
MOJIBAKE = f"[Ãã][{re.escape(_CONTINUATION)}]|[Ââ][\xa0-\xbf]"
"""Pairs of letters that were one; understood by Arrow (RE2) as well."""
_MOJIBAKE = re.compile(MOJIBAKE)
_MOJIBAKE_QUOTE = re.compile("[âÂ]€[™˜\u0098\u0099]")

_MISSING = re.compile(
    "(?:MAE )?(?:N|NAO) ?(?:INF|INFORMAD[OA]|INFORMOU|DECLARAD[OA]|CONSTA|TEM|POSSUI|HA|SABE|EXISTE|IDENTIFICAD[OA]"
    "|CADASTRAD[OA]|REGISTRAD[OA]|LOCALIZAD[OA]|FORNECID[OA]|PREENCHID[OA]|DISPONIVEL|DIVULGAVEL|APLICAVEL|SE APLICA)"
    "(?: CPF| CNPJ| E ?MAIL| TELEFONE| NOME)?"
    "|SEM ?(?:NOME|INFORMACAO|INFORMACOES|DADOS|REGISTRO|CPF|CNPJ|E ?MAIL|TELEFONE|ENDERECO)"
    "|(?:MAE )?(?:IGNORAD[OA]|DESCONHECID[OA])|IGN|INEXISTENTE|ISENT[OA]|NAO|NADA CONSTA|EM BRANCO|VAZIO|NENHUMA?"
    "|N ?[ADI]|NULO|NULL|NONE|NAN|NAT|NIL|UNDEFINED|UNKNOWN|NOME|NOME DA MAE"
    "|X[X ]+"
)
# Error values of spreadsheets, and the codes of electoral files (#NULO#, #NE#, -1, -3, -4).
_MISSING_CODE = re.compile(r"#(?:NULO|NE|N/?[AD]|REF!|VALOR!|VALUE!|NOME\?|NAME\?|DIV/0!|NUM!|NULL!)#?|-[134]")
_NOT_ALPHANUMERIC = re.compile("[^A-Z0-9]+")
MISSING_LEAD = "^[^A-Z0-9]*(?:$|N|SEM|MAE |IGN|DESC|INEX|ISEN|EM BR|VAZ|VAL|X|UN|REF|D|[134]$)"
"""How every missing text begins: cheap to ask before :func:`is_missing`, and understood by Arrow (RE2) as well."""

_LEAD = re.compile(MISSING_LEAD)
_LONGEST_REMEMBERED = 32
_LONGEST_MISSING = 40  # characters; a longer text is missing only if it has no letter or digit at all


def clean(text: str | None) -> str | None:
    """Upper-case ASCII, single blanks, mojibake undone; None for an empty, meaningless or "not informed" text."""
    if text is None:
        return None
    folded = fold(text)
    return None if is_missing(folded) else folded


def fold(text: str) -> str:
    """As :func:`clean`, without judging whether the text says anything."""
    return " ".join(" ".join(map(fold_word, text.split(" "))).split())


def fold_word(word: str) -> str:
    """One word in upper-case ASCII; several words come back when it held other blanks (tab, no-break space)."""
    return _remembered(word) if len(word) <= _LONGEST_REMEMBERED else _fold(word)


def without_mojibake(text: str) -> str:
    """The text with every pair of :data:`MOJIBAKE` put back to the letter it was."""
    return _MOJIBAKE.sub(_undo, text)


def is_missing(folded: str) -> bool:
    """Whether a folded text only says that there is nothing: blank, punctuation, NAO INFORMADA, #NULO#, -1, XXX."""
    if not _LEAD.match(folded):
        return False
    words = _NOT_ALPHANUMERIC.sub(" ", folded).strip()
    if not words or len(folded) > _LONGEST_MISSING:
        return not words
    return bool(_MISSING.fullmatch(words) or _MISSING_CODE.fullmatch(folded))


def _fold(word: str) -> str:
    if not word.isascii():
        word = _to_ascii(_MOJIBAKE.sub(_undo, _MOJIBAKE_QUOTE.sub("'", word)))
    if not word.isprintable():
        word = " ".join(word.translate(_SUBSTITUTES).split())
    return word.upper()


@lru_cache(maxsize=1 << 17)
def _remembered(word: str) -> str:
    """Columns use the same words over and over; this is most of a country's names in some 20 MB."""
    return _fold(word)


def _undo(match: re.Match[str]) -> str:
    """The letter that a pair of mis-decoded characters stood for; a pair that is no UTF-8 is left alone."""
    lead, continuation = match[0][0], match[0][1]
    byte = continuation.encode("latin-1" if ord(continuation) < 0x100 else "cp1252", "ignore")
    try:
        return (lead.upper().encode("latin-1") + byte).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _to_ascii(word: str) -> str:
    # Combining marks go before decomposing: normalising sorts each run of them, which is quadratic in its length.
    bare = "".join(c for c in word.translate(_SUBSTITUTES) if not unicodedata.combining(c))
    blank = " ".join(bare.upper().split())
    return " ".join(unicodedata.normalize("NFKD", blank).encode("ascii", "ignore").decode("ascii").split())
