"""The word lists of ``words.json``: our own choices, made by hand from common knowledge of Brazilian names."""

from importlib.resources import files

import msgspec


class Compound(msgspec.Struct, frozen=True):
    """A first given name that mostly has a second: the ``share`` that does, the seconds from the commonest down."""

    share: float
    seconds: str


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``accented`` are words that census tables spell without their accents (-AO and -CAO follow a rule).

    ``particles`` gives a surname's usual particle and the share of families that write it; ``surname_tilt`` how much
    commoner a surname is in a state than in the country; ``rare_share`` the share of surnames outside the sample by
    state, which are built from ``rare_heads``, ``rare_middles`` and ``rare_tails``.
    """

    accented: list[str]
    compounds: dict[str, Compound]
    particles: dict[str, tuple[str, float]]
    surname_tilt: dict[str, dict[str, float]]
    rare_share: dict[str, float]
    rare_heads: list[str]
    rare_middles: list[str]
    rare_tails: list[str]
    street_names: list[str]
    street_titles: list[str]
    street_given: list[str]
    street_family: list[str]
    saints: list[str]
    districts: list[str]
    district_kinds: list[str]
    district_names: list[str]
    trades: list[str]
    firm_forms: list[str]
    bodies: list[str]


def read_words() -> Words:
    return msgspec.json.decode((files("loaders.synthetic") / "words.json").read_bytes(), type=Words)
