"""Company names: legal form, state (liquidation …), leading root and trailing CPF taken apart from the name proper."""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from bureau.normalise.check_digits import is_cpf
from bureau.normalise.text import clean

LTDA, SA, EIRELI, ME, EPP, MEI, SCP, SS, CIA = range(1, 10)

LEGAL_FORMS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(["LTDA", "LIMITADA", "LTD", "LDA", "UNIPESSOAL", "SLU"], LTDA),
        **dict.fromkeys(["SA", "S A", "SOCIEDADE ANONIMA"], SA),
        **dict.fromkeys(["EIRELI", "EIRELE", "EIRELLI"], EIRELI),
        **dict.fromkeys(["ME", "MICROEMPRESA", "MICRO EMPRESA"], ME),
        "EPP": EPP,
        "MEI": MEI,
        "SCP": SCP,
        **dict.fromkeys(["SS", "S S", "SOCIEDADE SIMPLES"], SS),
        **dict.fromkeys(["CIA", "COMPANHIA"], CIA),
    }
)
"""How a legal form is written at the end of a name (CIA: at either end) → its code."""

STATES: Mapping[str, str] = MappingProxyType(
    {
        "EM RECUPERACAO JUDICIAL": "judicial_recovery",
        "EM RECUP JUDICIAL": "judicial_recovery",
        "EM RECUPERACAO EXTRAJUDICIAL": "extrajudicial_recovery",
        "EM LIQUIDACAO EXTRAJUDICIAL": "liquidation",
        "EM LIQUIDACAO": "liquidation",
        "MASSA FALIDA DE": "bankrupt",
        "MASSA FALIDA": "bankrupt",
        "FALIDO": "bankrupt",
        "FALIDA": "bankrupt",
    }
)
"""What a register appends about a company's condition → its name in answers; longest phrases first."""

_ROOT = re.compile(r"(\d{2})\.?(\d{3})\.?(\d{3}) (?=\D)")
_OWNER = re.compile(r"(?<=\S) ?(?:CPF ?)?(?<!\d)(\d{3})\.?(\d{3})\.?(\d{3})-?(\d{2})$")
_STATE = re.compile(r"\b(" + "|".join(STATES) + r")\b")
_NOT_WORD = re.compile("[^A-Z0-9]+")
LINKS = frozenset(["E", "DE", "DA", "DO", "DAS", "DOS"])


class CompanyName(msgspec.Struct, frozen=True):
    """``content`` are the tokens of the name proper, links left out; ``legal_form`` a code of :data:`LEGAL_FORMS`,
    0 unknown; ``states`` values of :data:`STATES`; ``display`` the name without owner's CPF and leading root, legal
    form kept; ``owner_tax_id`` the CPF that ended the name and ``root`` the number that led it, 0 for none."""

    content: tuple[str, ...]
    legal_form: int
    states: tuple[str, ...]
    display: str
    owner_tax_id: int = 0
    root: int = 0


def company_name(text: str | None) -> CompanyName | None:
    """A company's name taken apart; None when the text is missing.

    The owner's CPF stands in one in six of the register's names: it is for matching, never for display (LGPD art. 6).
    """
    cleaned = clean(text)
    if cleaned is None:
        return None
    bare, root = _without_root(cleaned)
    bare, owner = _without_owner(bare)
    states = tuple(dict.fromkeys(STATES[phrase] for phrase in _STATE.findall(bare)))
    words = _words(_STATE.sub(" ", bare))
    content, form = _without_form(words)
    links_dropped = tuple(word for word in content if word not in LINKS)
    return CompanyName(links_dropped or tuple(words or _words(bare)), form, states, " ".join(_words(bare)), owner, root)


def _without_root(text: str) -> tuple[str, int]:
    match = _ROOT.match(text)
    return (text[match.end() :], int("".join(match.groups()), 36)) if match else (text, 0)


def _without_owner(text: str) -> tuple[str, int]:
    match = _OWNER.search(text)
    number = int("".join(match.groups())) if match else 0
    return (text[: match.start()].rstrip(" -"), number) if match and is_cpf(number) else (text, 0)


def _words(text: str) -> list[str]:
    """Words with & read as E, S/A and S.A. as SA, initials A.B. kept apart."""
    joined = re.sub(r"\bS[./\\]\s?A\b\.?", "SA", text.replace("&", " E "))
    joined = re.sub(r"\bS[./\\]\s?S\b\.?", "SS", joined).replace("'", "")
    return _NOT_WORD.sub(" ", joined).split()


def _without_form(words: list[str]) -> tuple[list[str], int]:
    """The words without legal forms at the end; the first one found, reading from the left, is the form."""
    form, end = 0, len(words)
    while end > 1:
        pair = " ".join(words[end - 2 : end]) if end > 2 else ""
        found = LEGAL_FORMS.get(words[end - 1]) or LEGAL_FORMS.get(pair)
        if found is None:
            break
        form, end = found, end - (1 if words[end - 1] in LEGAL_FORMS else 2)
    if end > 1 and words[0] in {"CIA", "COMPANHIA"}:
        return words[1:end], form or CIA
    return words[:end], form
