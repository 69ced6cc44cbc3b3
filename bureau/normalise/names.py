"""Names of people: tokens, particles, generation suffix, phonetic code, likely sex."""

import re
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import msgspec

from bureau.normalise.text import fold_word, is_missing
from bureau.reference.names import first_names_by_sex

PARTICLES = frozenset(["DA", "DE", "DO", "DAS", "DOS", "E"])
"""Words that link the parts of a name. Half of all names have one, and they come and go between registers."""

JUNIOR, FILHO, NETO, SOBRINHO, SEGUNDO, TERCEIRO, FILHA, NETA, BISNETO = range(1, 10)

SUFFIXES: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(["JUNIOR", "JR", "JNR", "JUNIO", "JUNNIOR"], JUNIOR),
        **dict.fromkeys(["FILHO", "FO", "FLHO", "FHO"], FILHO),
        **dict.fromkeys(["NETO", "NETTO"], NETO),
        **dict.fromkeys(["SOBRINHO", "SOBR", "SOBRO"], SOBRINHO),
        **dict.fromkeys(["SEGUNDO", "II"], SEGUNDO),
        **dict.fromkeys(["TERCEIRO", "III"], TERCEIRO),
        **dict.fromkeys(["FILHA", "FA"], FILHA),
        "NETA": NETA,
        "BISNETO": BISNETO,
    }
)
"""Generation suffix → code. It separates father and son at one address, so it is no part of the content."""

_SAME_GENERATION = ({JUNIOR, FILHO, SEGUNDO}, {NETO, TERCEIRO})
TITLES = frozenset(["ESPOLIO", "SR", "SRA", "SRTA", "DR", "DRA", "PROF", "PROFA"])
"""Forms of address, and the estate of a dead person: no part of the content in front of two content tokens."""

_LONGEST_REMEMBERED = 32
_DROPPED = re.compile(r"['?\d]+")
_NOT_LETTERS = re.compile("[^A-Z]+")

# Applied in order to a folded token; the last rule halves doubled letters.
_SOUND_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("PH", "F"),
        ("Y", "I"),
        ("W", "V"),
        ("CH(?=[RL])", "K"),  # CHRISTIANE
        ("SCH|CH|SH", "X"),  # before the H falls, longest first
        ("(?<=[LN])H(?=[AEIOU])", "I"),  # SONHA, JULHA
        ("H", ""),  # THIAGO, HELENA, RHUAN
        ("(?<=[AEIOU])[CP](?=T)", ""),  # VICTOR, BAPTISTA
        ("QU(?=[EI])", "K"),
        ("GU(?=[EI])", "GG"),  # the doubled G is hard until halved
        ("(?<!G)G(?=[EI])", "J"),
        ("(?<=[AEIOUL])S+(?=[AEIOU])", "Z"),  # SOUSA sounds as SOUZA, and LARISA is a frequent LARISSA
        ("[SX]?C(?=[EI])|(?<=ON)C(?=A)|(?<=REN)C(?=O$)|C(?=AO$)", "S"),  # LUCIA is not LUZIA; the last three had a Ç
        ("(?:CK|[CKX])S+", "X"),  # ALECSANDRO, ALEXSANDRO, JACKSON
        ("CK|[QC]", "K"),
        ("Z(?![AEIOUZ])|X$", "S"),
        ("DT", "T"),  # SCHMIDT
        ("EI", "E"),
        ("OU", "O"),
        ("A[UO](?=[^AEIOU])", "AL"),
        ("[MN](?![AEIOUMN])", "N"),
        ("E(?=S?$)", "I"),
        ("O(?=S?$)", "U"),
        (r"(.)\1+", r"\1"),
    )
)


class PersonName(msgspec.Struct, frozen=True):
    """``content`` are the tokens that tell people apart, in order; ``suffix`` a code of :data:`SUFFIXES`, 0 none.

    ``display`` keeps every token, particles and suffix included.
    """

    content: tuple[str, ...]
    suffix: int
    display: str


def tokens(text: str) -> tuple[str, ...]:
    """The words of a name: accents folded, D'AVILA one word, J.C. two, hyphens split, digits dropped."""
    return tuple([token for word in text.split(" ") for token in word_tokens(word)])


def word_tokens(word: str) -> tuple[str, ...]:
    """The tokens of one word between blanks. A question mark or U+FFFD is a lost letter: JO?O becomes JOO."""
    return _remembered(word) if len(word) <= _LONGEST_REMEMBERED else _word_tokens(word)


def _word_tokens(word: str) -> tuple[str, ...]:
    return tuple(_NOT_LETTERS.sub(" ", _DROPPED.sub("", fold_word(word))).split())


_remembered = lru_cache(maxsize=1 << 16)(_word_tokens)  # the words of names are few, and come in every table


def normal_name(text: str | None) -> str | None:
    """Tokens joined by single blanks: what source tables hold; None when the text names nobody."""
    joined = " ".join(tokens(text)) if text else ""
    return None if is_missing(joined) else joined


def person_name(text: str | None) -> PersonName | None:
    """A name taken apart; None when the text is missing or has no letters.

    A last token FILHO, NETO … is a suffix only after two content tokens: in JOSE NETO it is all the surname there is.
    """
    found = tokens(text) if text else ()
    display = " ".join(found)
    if is_missing(display):
        return None
    content = [token for token in found if token not in PARTICLES]
    while len(content) > 2 and content[0] in TITLES:
        del content[0]
    suffix = SUFFIXES.get(content[-1], 0) if len(content) > 2 else 0
    return PersonName(tuple(content[:-1] if suffix else content) or found, suffix, display)


def suffixes_compatible(one: int, other: int) -> bool:
    """Whether two suffix codes may belong to one person: JUNIOR, FILHO and SEGUNDO all say "son of the same name"."""
    return one == other or any(one in group and other in group for group in _SAME_GENERATION)


@lru_cache(maxsize=1 << 17)
def sound(token: str) -> str:
    """How a folded token sounds, roughly: THIAGO and TIAGO, SOUZA and SOUSA, TEIXEIRA and TEXEIRA agree."""
    for pattern, replacement in _SOUND_RULES:
        token = pattern.sub(replacement, token)
    return token


def sound_code(token: str) -> int:
    """A stable 32-bit hash of :func:`sound`, never 0 (0 is the absent token's)."""
    return zlib.crc32(sound(token).encode()) or 1


def likely_sex(first_token: str) -> int:
    """1 male, 2 female by the census of 2010 when nine bearers in ten agree, else 0."""
    return _sexes().get(first_token, 0)


@cache
def _sexes() -> Mapping[str, int]:
    shares = ((n.name, n.male / (n.male + n.female)) for n in first_names_by_sex() if n.male + n.female)
    return MappingProxyType({name: 1 if male >= 0.9 else 2 for name, male in shares if male >= 0.9 or male <= 0.1})
