"""``bureau train``: the loaded source tables teach the matching model, without labels.

Rows of different sources that a blocking rule brings together, and rows drawn at random, become patterns; what is
learnt from them is written to ``<home>/models/people.json``. Nothing depends on the order of the input: rows are put
in the order of a hash of what they say before anything is drawn.

Learning from reported outcomes instead is ``matching.recalibration``: it awaits the store's events (delivered,
bounced, wrong person), which nobody reports yet.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.errors import BuildFailed
from bureau.matching.blocking import text_hashes
from bureau.matching.layout import Vocabulary
from bureau.matching.levels import LEVELS, Level
from bureau.matching.model import Model, default_model
from bureau.matching.patterns import Compared, patterns
from bureau.matching.questions import QUESTIONS
from bureau.matching.train import CLASSES, Estimate, Sample, among, estimate, strangers, trained
from bureau.model.query import Kind
from bureau.population.entities import Entities
from bureau.population.intern import Interner
from bureau.population.models import write_model
from bureau.population.pairs import RULES, Traced, blocked_pairs, random_pairs, trace
from bureau.population.people import read_people
from bureau.population.register import house_numbers, rank_tokens, traits_of
from bureau.population.rows import Rows, SourceNames
from bureau.population.sources import Release, releases_in_use
from bureau.population.survivors import survive, token_counts
from bureau.reference.places import municipality_states


class TrainingOptions(msgspec.Struct, frozen=True):
    """``pairs`` of each kind, random and blocked; ``progress`` is called with a stage and the share done before it."""

    pairs: int = 2_000_000
    seed: int = 1
    progress: Callable[[str, float], None] | None = None


class LevelReport(msgspec.Struct, frozen=True):
    """One level before and after. ``m_equal_tax_ids`` is counted among pairs of equal valid CPFs, of which EM knew
    nothing; ``matches`` answered its question."""

    level: str
    m_before: float
    m: float
    m_equal_tax_ids: float | None
    u_before: float | None
    u: float | None
    matches: float


class RuleReport(msgspec.Struct, frozen=True):
    """One blocking rule: its pairs and what share of them EM takes for each class."""

    rule: str
    pairs: int
    shares: dict[str, float]


class TrainingReport(msgspec.Struct, frozen=True):
    """What ``bureau train`` prints."""

    path: str
    rows: int
    random_pairs: int
    rules: list[RuleReport]
    levels: list[LevelReport]


def train(home: Path, options: TrainingOptions = TrainingOptions()) -> TrainingReport:  # noqa: B008  # frozen
    """Train the people's model on the home's source tables; whoever opens a population next uses it.

    Raises BuildFailed when there is no source table of people, or the model cannot be written.
    """
    say = options.progress or (lambda _stage, _share: None)
    say("reading", 0.0)
    rows, traced = read_compared(home)
    shipped, samples, rules = default_model("people"), [], []
    say("random pairs", 0.3)
    one, two = random_pairs(traced, options.pairs, options.seed)
    u = strangers(patterns(rows, one, two))
    for number, (rule, fields) in enumerate(RULES.items()):
        say(rule, 0.4 + 0.1 * number)
        pairs = blocked_pairs(rows, traced, rule, options.pairs // len(RULES), options.seed)
        samples.append(Sample(patterns(rows, *pairs), fields))
    say("estimating", 0.8)
    found = estimate(shipped, u, samples)
    model = trained(shipped, found)
    path = write_model(home, Kind.PERSON, model)
    for number, (rule, sample) in enumerate(zip(RULES, samples, strict=True)):
        share = {name: round(float(found.shares[number, k]), 4) for k, name in enumerate(CLASSES)}
        rules.append(RuleReport(rule, int(sample.patterns.pairs.sum()), share))
    return TrainingReport(str(path), len(rows.records), len(one), rules, _levels(shipped, model, found, samples))


def read_compared(home: Path) -> tuple[Compared, Traced]:
    """The people's rows ready to be compared. Of one source alone all releases are read, and count as its sources."""
    releases = releases_in_use(home)
    rows, traced = _read(releases, by_release=False)
    if len(np.unique(traced.source)) > 1:
        return rows, traced
    held = [release for release in releases if release.files("people")]
    return _read([older for release in held for older in _all_releases(release)], by_release=True)


def _all_releases(release: Release) -> list[Release]:
    whole = (path for path in release.directory.parent.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [Release(release.source, path.name, path) for path in sorted(whole)]


def _read(releases: list[Release], *, by_release: bool) -> tuple[Compared, Traced]:
    vocabulary, texts = Interner(), Interner()
    rows, lengths = read_people(releases, SourceNames(), vocabulary, texts)
    if len(rows) == 0:
        raise BuildFailed("There are no people in the source tables to learn from: run `bureau load people` first.")
    tokens = rank_tokens(rows, vocabulary)
    records = _records(rows, house_numbers(*texts.heap()))
    first, other = token_counts(records, len(tokens.length))
    compared = Compared(
        records,
        rows.tax_id,
        rows.phone_ends,
        rows.phones,
        rows.email_ends,
        rows.emails.astype(np.int64),
        Vocabulary(tokens.letters, tokens.length, tokens.sound, first, other),
        np.array(municipality_states(), np.uint8),
    )
    source = np.repeat(np.arange(len(lengths)), lengths).astype(np.uint8) if by_release else rows.source
    return compared, trace(compared, text_hashes(*texts.heap()), rows.seen, source)


def _records(rows: Rows, house: NDArray[np.uint16]) -> NDArray[np.int32]:
    """One record a row: that is what survives when every row is an entity of its own."""
    size = len(rows)
    number = np.arange(size + 1)
    alone = Entities(rows.tax_id, number[:-1].astype(np.uint32), number, number[:-1].astype(np.uint32))
    return survive(traits_of(rows, house), alone).records


def _levels(shipped: Model, model: Model, found: Estimate, samples: list[Sample]) -> list[LevelReport]:
    equal, shown = among(shipped, samples, Level.TAX_SAME)
    reports = []
    for outcome in (outcome for question in QUESTIONS for outcome in question.outcomes if outcome < LEVELS):
        name = Level(outcome).name.lower()
        if name in model.levels:
            before, after = shipped.levels[name], model.levels[name]
            checked = round(float(equal[outcome]), 6) if shown[outcome] > 0 else None
            matches = round(float(found.occasions[outcome]), 1)
            reports.append(LevelReport(name, before.m, after.m, checked, before.u, after.u, matches))
    return reports
