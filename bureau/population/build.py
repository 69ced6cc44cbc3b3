"""``bureau build``: the latest release of every source becomes a new population."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.errors import BuildFailed
from bureau.ids import PopulationId, sortable
from bureau.matching.blocking import text_hashes
from bureau.matching.model import Model, default_model
from bureau.model.query import Kind
from bureau.population.affiliations import write_affiliations
from bureau.population.block_index import IN_MEMORY
from bureau.population.claims import count_sharers
from bureau.population.companies import entity_facts, read_companies, read_partners
from bureau.population.entities import Entities
from bureau.population.intern import Interner
from bureau.population.link import Links, refine
from bureau.population.manifest import SCHEMA, Manifest, ReleaseUsed
from bureau.population.models import trained_models
from bureau.population.npy import save
from bureau.population.people import read_people
from bureau.population.publish import building, fingerprint_files, publish, write_manifest
from bureau.population.refine import Tools, same_people
from bureau.population.register import (
    Claims,
    claims_of,
    entities_of,
    house_numbers,
    link_companies,
    link_people,
    rank_tokens,
    traits_of,
    write_addresses,
    write_blocks,
    write_claims,
    write_records,
)
from bureau.population.rows import Names, Rows, SourceNames
from bureau.population.secret import home_secret
from bureau.population.sources import Release, count_rows, releases_in_use
from bureau.population.verify import verify
from bureau.population.vocabulary import Tokens

_BYTES_PER_ROW = 300
"""Resident memory a source row needs while it is linked, texts included (measured, see benchmarks/loaders)."""

_STAGES = 14
"""Stages a build announces; link, records and claims come once for each register."""


class BuildOptions(msgspec.Struct, frozen=True):
    """``progress`` is called with each stage's name and the share of stages done before it.

    ``memory`` bytes bound the build: source rows, which must fit, are refused when they would not, and blocking keys
    go to disk beyond a quarter of it. It cannot bound the page cache, which holds what is written and read.
    """

    memory: int | None = None
    progress: Callable[[str, float], None] | None = None


class BuildReport(msgspec.Struct, frozen=True):
    """What ``bureau build`` prints: the new id, counts, seconds per stage and the builder's peak memory.

    The peak is taken before verification, which maps the finished files: those pages are the page cache's.
    """

    id: PopulationId
    counts: dict[str, int]
    seconds: dict[str, float]
    peak_memory_bytes: int


def build(home: Path, options: BuildOptions = BuildOptions()) -> BuildReport:  # noqa: B008  # frozen
    """Build, verify and publish a population from the home's source tables.

    Raises BuildFailed when there is no source table, one is unreadable, another build is running, or the result does
    not pass its verification, UnreadableInput when the home's trained model cannot be used; the population in use then
    stays as it was.
    """
    releases = releases_in_use(home)
    _check_size(releases, options.memory)
    model = trained_models(home).get(Kind.PERSON) or default_model("people")
    population_id = PopulationId(sortable("pop"))
    with building(home, population_id) as directory:
        work = _Build(directory, releases, options, model)
        work.run()
        manifest = work.manifest(population_id)
        with work.stage("verify"):
            write_manifest(directory, manifest)
            verify(directory, home_secret(home))
        publish(home, directory, population_id)
    return BuildReport(population_id, manifest.counts, work.seconds, manifest.peak_memory_bytes)


def _check_size(releases: list[Release], memory: int | None) -> None:
    rows = sum(count_rows(releases, table) for table in ("people", "companies"))
    if rows == 0:
        raise BuildFailed("There are no source tables to build from: run `bureau load` first.")
    if memory is not None and rows * _BYTES_PER_ROW > memory:
        need, given = rows * _BYTES_PER_ROW / 2**20, memory / 2**20
        raise BuildFailed(f"The {rows:,} source rows need about {need:,.1f} MiB; --memory allows {given:,.1f}.")


class _Build:
    """One build under way: what its stages share."""

    def __init__(self, directory: Path, releases: list[Release], options: BuildOptions, model: Model) -> None:
        self.seconds: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self._begun = 0
        self._directory = directory
        self._releases = releases
        self._progress = options.progress
        self._memory = options.memory
        self._model = model
        self._sources = SourceNames()
        self._texts = Interner()
        self._rows_used: dict[str, list[int]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage and announce it."""
        if self._progress:
            self._progress(name, self._begun / _STAGES)
        self._begun += 1
        start = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - start, 3)

    def run(self) -> None:
        """Everything but the manifest, stage by stage; arrays are let go as soon as nothing needs them."""
        people, companies = self._people(), self._companies()
        with self.stage("affiliations"):
            self.counts["affiliations"] = write_affiliations(self._directory)
        with self.stage("claims"):
            count_sharers([people.phones, companies.phones])
            count_sharers([people.emails, companies.emails])
            write_claims(self._directory / "people", people)
            write_claims(self._directory / "companies", companies)
            hashes = self._write_texts()
        with self.stage("blocks"):
            spool = IN_MEMORY if self._memory is None else min(IN_MEMORY, self._memory // 4)
            write_blocks(self._directory / "people", people, hashes, spool, people=True)
            write_blocks(self._directory / "companies", companies, hashes, spool, people=False)

    def manifest(self, population_id: PopulationId) -> Manifest:
        """What was written; hashing it is the last stage but one."""
        with self.stage("files"):
            files = fingerprint_files(self._directory)
        used = [
            ReleaseUsed(release.source, release.release, {t: n[i] for t, n in self._rows_used.items() if n[i]})
            for i, release in enumerate(self._releases)
        ]
        return Manifest(
            id=population_id,
            schema=SCHEMA,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            sources=self._sources.names,
            releases=used,
            counts=self.counts,
            files=files,
            seconds=self.seconds,
            peak_memory_bytes=_peak_memory(),
        )

    def _people(self) -> Claims:
        vocabulary = Interner()
        with self.stage("people"):
            rows, lengths = read_people(self._releases, self._sources, vocabulary, self._texts)
            tokens = rank_tokens(rows, vocabulary)
        self._rows_used["people"] = lengths
        with self.stage("link"):
            links = link_people(rows, tokens.sound)
        with self.stage("refine"):
            links = self._refined(rows, tokens, links)
            entities = entities_of(rows, links)
        self._count("people", rows, entities, links)
        return self._survive("people", rows, tokens, entities)

    def _refined(self, rows: Rows, tokens: Tokens, links: Links) -> Links:
        traits = traits_of(rows, house_numbers(*self._texts.heap()))
        tools = Tools(self._model, self._directory / "people" / "preliminary")
        return refine(links, same_people(rows, tokens, entities_of(rows, links), traits, tools))

    def _companies(self) -> Claims:
        vocabulary, directory = Interner(), self._directory / "companies"
        with self.stage("companies"):
            found = read_companies(self._releases, self._sources, vocabulary, self._texts)
            partners = read_partners(self._releases, vocabulary)
            tokens = rank_tokens(found.rows, vocabulary)
            number = tokens.number[partners.name_tokens]
        for name, column in partners._replace(name_tokens=number)._asdict().items():
            save(directory / f"partners_{name}.npy", column)
        self._rows_used["companies"] = found.lengths
        with self.stage("link"):
            links = link_companies(found.rows, tokens.sound)
            entities = entities_of(found.rows, links)
        save(directory / "facts.npy", entity_facts(found.facts, entities))
        self._count("companies", found.rows, entities, links)
        return self._survive("companies", found.rows, tokens, entities)

    def _survive(self, table: str, rows: Rows, tokens: Tokens, entities: Entities) -> Claims:
        directory = self._directory / table
        self._write_lineage(table, rows, entities)
        with self.stage("records"):
            house = house_numbers(*self._texts.heap())
            self.counts[f"{table}_records"] = write_records(directory, rows, tokens, entities, house)
            rows.names = Names.empty(0)
        with self.stage("claims"):
            write_addresses(directory, rows, entities)
            found = claims_of(rows, entities)
        self.counts[f"{table}_phones"] = len(found.phones)
        self.counts[f"{table}_emails"] = len(found.emails)
        return found

    def _count(self, table: str, rows: Rows, entities: Entities, links: Links) -> None:
        self.counts[f"{table}_rows"] = len(rows)
        self.counts[f"{table}_entities"] = len(entities.tax_id)
        self.counts[f"{table}_tax_ids_refused"] = int(links.lost.sum())

    def _write_lineage(self, table: str, rows: Rows, entities: Entities) -> None:
        start = 0
        for release, length in zip(self._releases, self._rows_used[table], strict=True):
            if length:
                part, place = slice(start, start + length), self._directory / "lineage" / table
                save(place / f"{release.source}_rows.npy", rows.row[part])
                save(place / f"{release.source}_entities.npy", entities.of_row[part])
            start += length

    def _write_texts(self) -> NDArray[np.uint64]:
        offsets, letters = self._texts.heap()
        save(self._directory / "texts_offsets.npy", offsets)
        save(self._directory / "texts_bytes.npy", letters)
        return text_hashes(offsets, letters)


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB
