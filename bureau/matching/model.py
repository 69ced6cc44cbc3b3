"""The matching model: what each comparison level is worth, as a readable, versioned file.

``default_people.json`` and ``default_companies.json`` beside this module are the shipped models; ``bureau train``
writes others of the same shape. Probabilities, not weights, are what the file holds, so that a reader can check them
against the world; levels whose rarity is added in bits keep only P(level | hypothesis).
"""

import hashlib
import math
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.errors import UnreadableInput
from bureau.matching.levels import HYPOTHESES, LEVELS, Hypothesis, Level


class LevelModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level: ``u`` = P(level | random person), or null where the value's own rarity takes its place; ``m`` and the
    rest = P(level | hypothesis), as ``m`` where null. ``note`` says where a number comes from."""

    m: float
    u: float | None = None
    namesake: float | None = None
    twin: float | None = None
    sibling: float | None = None
    note: str = ""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Caps, in bits, on the information a rare value may add, and what a misspelling may claim.

    Agreement on a phone, an e-mail or a place is also explained by sharing a household, so its worth is bounded
    whatever its rarity. ``edit_space_bits`` is log2 of how many misspellings one edit can produce.
    """

    mother: float = 16.0
    city: float = 8.0
    postal_code: float = 12.0
    phone: float = 11.0
    email: float = 12.0
    variant_penalty: float = 1.0
    one_edit_penalty: float = 2.0
    two_edits_penalty: float = 4.0
    edit_space_bits: float = 8.0
    initial_bits: float = 3.0


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole model for one kind of entity.

    ``coverage`` is the prior probability that the person asked for is in the population at all. ``relatives`` is how
    many relatives of each kind a person has who could turn up in their stead (rho of the mixture); women have
    ``namesake_women`` times as many namesakes (FILHA and NETA are rare). ``held_twice`` is the share of people whom
    the build leaves as two entities.
    ``decisive_bits``: a best candidate this far above "none" ends the look at larger blocks; ``block_budget`` is the
    longest block read for one query and ``candidate_budget`` the most entities weighed (numbers: benchmarks/engine).
    """

    version: str
    kind: str
    coverage: float
    relatives: dict[str, float]
    namesake_women: float
    levels: dict[str, LevelModel]
    limits: Limits = Limits()
    held_twice: float = 0.0
    candidate_budget: int = 64
    block_budget: int = 32
    decisive_bits: float = 9.0

    def weights(self) -> NDArray[np.float64]:
        """The (level, hypothesis) table of log2 ratios; without a rarity the denominator is ``u``, else 1."""
        table = np.zeros((LEVELS, HYPOTHESES))
        for level in Level:
            row = self.levels.get(level.name.lower())
            if row is None:
                continue
            for hypothesis in Hypothesis:
                value = row.m if hypothesis is Hypothesis.SAME else getattr(row, hypothesis.name.lower())
                p = row.m if value is None else value
                table[level, hypothesis] = math.log2(p / (row.u or 1.0))
        return table

    def relative_bits(self) -> NDArray[np.float64]:
        """log2 of the number of relatives of each hypothesis; -1000 where there are none."""
        counts = [self.relatives.get(h.name.lower(), 0.0) for h in Hypothesis]
        return np.array([math.log2(c) if c > 0 else -1000.0 for c in counts])


def load_model(path: Path) -> Model:
    """Read a model file; ``UnreadableInput`` says what is wrong with it.

    The model's version ends with a digest of the file, so that the answers of two trainings, or of a number changed by
    hand, can be told apart.
    """
    try:
        content = path.read_bytes()
        model = msgspec.json.decode(content, type=Model)
    except (OSError, msgspec.DecodeError) as error:
        raise UnreadableInput(f"cannot read the matching model {path.name}: {error}") from error
    digest = hashlib.blake2b(content, digest_size=4).hexdigest()
    return msgspec.structs.replace(model, version=f"{model.version} {digest}")


def default_model(kind: str) -> Model:
    """The shipped model for ``people`` or ``companies``."""
    source = resources.files("bureau.matching") / f"default_{kind}.json"
    return msgspec.json.decode(source.read_bytes(), type=Model)
