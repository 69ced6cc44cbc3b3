"""``bureau train``: the loaded source tables teach the matching model, without labels.

Rows drawn from all sources are looked up in the other sources; what probable matches have in common is learnt, and the
look-up repeated with what was learnt until nothing changes (EM). Rows drawn at random in pairs tell what strangers
have in common. The model is written to ``<home>/models/people.json``. Nothing depends on the order of the input: rows
are put in the order of a hash of what they say before anything is drawn.

Learning from reported outcomes instead is ``matching.recalibration``: it awaits the store's events (delivered,
bounced, wrong person), which nobody reports yet.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.errors import BuildFailed
from bureau.matching.blocking import text_hashes
from bureau.matching.layout import NO_TAX_ID, Vocabulary
from bureau.matching.levels import LEVELS, Level
from bureau.matching.model import Model, default_model
from bureau.matching.patterns import Compared, counts
from bureau.matching.questions import OUTCOMES, QUESTIONS
from bureau.matching.train import Estimate, among, strangers, trained
from bureau.model.query import Kind
from bureau.population.entities import Entities
from bureau.population.expectation import Likely, LookUp, likely, look_ups
from bureau.population.families import counted, relatives_at_home
from bureau.population.intern import Interner
from bureau.population.models import write_model
from bureau.population.pairs import Pairs, Traced, oldest_first, random_pairs, trace
from bureau.population.people import read_people
from bureau.population.register import house_numbers, rank_tokens, traits_of
from bureau.population.rows import Rows, SourceNames
from bureau.population.sources import Release, releases_in_use
from bureau.population.survivors import survive, token_counts
from bureau.reference.places import municipality_states
from bureau.workspace import workspace

_ROUNDS, _SETTLED = 20, 1e-3  # of m, by any outcome
_LEAST_COVERAGE, _MOST_COVERAGE = 0.001, 0.999


class TrainingOptions(msgspec.Struct, frozen=True):
    """``pairs`` drawn at random, and ``rows`` looked up; ``progress`` is called with a stage and the share done before
    it."""

    pairs: int = 2_000_000
    rows: int = 50_000
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


class TrainingReport(msgspec.Struct, frozen=True):
    """What ``bureau train`` prints. ``asked`` look-ups of a row in another source found ``matches`` (the sum of
    probabilities) after ``rounds`` of EM; ``coverage`` is the share of rows that some other source holds, ``relatives``
    how many of each kind a person is held to have."""

    path: str
    rows: int
    random_pairs: int
    asked: int
    matches: float
    rounds: int
    coverage: float
    relatives: dict[str, float]
    levels: list[LevelReport]


class Sample(NamedTuple):
    """What there is to learn from; ``u`` of every outcome is known from random pairs."""

    rows: Compared
    traced: Traced
    look_ups: list[LookUp]
    u: NDArray[np.float64]


class Learnt(NamedTuple):
    """What EM came to; ``likely`` are the pairs of the last round, each once, ``probability`` that they match."""

    model: Model
    estimate: Estimate
    likely: Pairs
    probability: NDArray[np.float64]
    rounds: int


def train(home: Path, options: TrainingOptions = TrainingOptions()) -> TrainingReport:  # noqa: B008  # frozen
    """Train the people's model on the home's source tables; whoever opens a population next uses it.

    Raises BuildFailed when there is no source table of people, or the model cannot be written.
    """
    say = options.progress or (lambda _stage, _share: None)
    say("reading", 0.0)
    rows, traced = read_compared(home)
    say("random pairs", 0.2)
    one, two = random_pairs(traced, options.pairs, options.seed)
    u = strangers(counts(rows, one, two, np.ones(len(one))))
    say("indexing", 0.3)
    shipped = default_model("people")
    with workspace("bureau-train-") as directory:
        asked = look_ups(rows, traced, options.rows, options.seed, directory)
        learnt = _learn(Sample(rows, traced, asked, u), shipped, say)
    path = write_model(home, Kind.PERSON, learnt.model)
    return TrainingReport(
        str(path),
        len(rows.records),
        len(one),
        sum(len(look_up.asked) for look_up in asked),
        round(float(learnt.probability.sum()), 1),
        learnt.rounds,
        round(learnt.estimate.coverage, 4),
        learnt.model.relatives,
        _levels(shipped, learnt, rows),
    )


def _learn(sample: Sample, shipped: Model, say: Callable[[str, float], None]) -> Learnt:
    """EM from the shipped model on."""
    m, none = among(shipped, np.zeros(OUTCOMES))
    learnt = Learnt(shipped, Estimate(m, sample.u, none, 0.0), _no_pairs(), np.zeros(0), 0)
    coverages, settled = [shipped.coverage] * len(sample.look_ups), False
    while not settled and learnt.rounds < _ROUNDS:
        say(f"round {learnt.rounds + 1}", 0.4 + 0.6 * learnt.rounds / _ROUNDS)
        found = [likely(sample.rows, *each, learnt.model) for each in zip(sample.look_ups, coverages, strict=True)]
        coverages = [_held(one.covered) for one in found]
        kin = [
            relatives_at_home(sample.rows, *each, learnt.model) for each in zip(sample.look_ups, coverages, strict=True)
        ]
        pairs, probability = _each_once(sample.traced, found)
        m, occasions = among(shipped, counts(sample.rows, *pairs, probability))
        settled = bool(np.abs(m - learnt.estimate.m).max() < _SETTLED)
        estimate = Estimate(m, sample.u, occasions, _coverage(sample.look_ups, found))
        model = counted(trained(shipped, estimate), shipped, kin)
        learnt = Learnt(model, estimate, pairs, probability, learnt.rounds + 1)
    return learnt


def _no_pairs() -> Pairs:
    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def _held(covered: NDArray[np.float64]) -> float:
    return float(np.clip(covered.mean(), _LEAST_COVERAGE, _MOST_COVERAGE)) if len(covered) else _LEAST_COVERAGE


def _each_once(traced: Traced, found: list[Likely]) -> tuple[Pairs, NDArray[np.float64]]:
    """The pairs of all look-ups; two rows that were both looked up may have found each other."""
    if not found:
        return _no_pairs(), np.zeros(0)
    asked, other, probability = (
        np.concatenate(column) for column in zip(*((f.asked, f.found, f.probability) for f in found), strict=True)
    )
    pairs = oldest_first(traced, asked, other)
    _, first = np.unique(pairs.submitted * len(traced.seen) + pairs.found, return_index=True)
    return Pairs(pairs.submitted[first], pairs.found[first]), probability[first]


def _coverage(look_ups: list[LookUp], found: list[Likely]) -> float:
    """The share of the rows asked that some other source holds."""
    if not found:
        return 0.0
    rows, covered = np.concatenate([one.asked for one in look_ups]), np.concatenate([one.covered for one in found])
    asked, number = np.unique(rows, return_inverse=True)
    held = np.zeros(len(asked))
    np.maximum.at(held, number, covered)
    return float(held.mean()) if len(held) else 0.0


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


def _levels(shipped: Model, learnt: Learnt, rows: Compared) -> list[LevelReport]:
    one, two = learnt.likely
    equal = (rows.tax_id[one] == rows.tax_id[two]) & (rows.tax_id[one] != NO_TAX_ID)
    checked, shown = among(shipped, counts(rows, one, two, equal.astype(np.float64)))
    reports = []
    for outcome in (outcome for question in QUESTIONS for outcome in question.outcomes if outcome < LEVELS):
        name = Level(outcome).name.lower()
        if name in learnt.model.levels:
            before, after = shipped.levels[name], learnt.model.levels[name]
            check = round(float(checked[outcome]), 6) if shown[outcome] > 0 else None
            matches = round(float(learnt.estimate.occasions[outcome]), 1)
            reports.append(LevelReport(name, before.m, after.m, check, before.u, after.u, matches))
    return reports
