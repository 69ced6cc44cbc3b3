"""Bureau in bulk, as ``bureau enrich`` works through a file: chunk by chunk, on one core or in a process for each."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache, partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.enrich.finder import Finder
from bureau.model.query import Kind
from bureau.normalise.record_columns import canonical_columns
from bureau.population import open_population

CHUNK_ROWS = 8_192  # a customer's file is cut so
CLIENTS_DEFAULT = 0.95
_START_SECONDS = 300


class Best(NamedTuple):
    """Of each record the best entity, -1 for none, and its probability."""

    entity: NDArray[np.int32]
    probability: NDArray[np.float64]


def found(finder: Finder, records: pa.Table) -> Best:
    """From text to the decision, in the columns of the people table."""
    columns = canonical_columns(records, Kind.PERSON, datetime.now(UTC).date())
    matches, decisions = finder.find_columns(columns, CLIENTS_DEFAULT)
    return Best(matches.entity[:, 0].copy(), decisions.probability)


def on_one_core(finder: Finder, records: pa.Table) -> Best:
    return _joined(map(partial(found, finder), _chunks(records, 1)))


@contextmanager
def on_every_core(home: Path, warm: pa.Table) -> Iterator[Callable[[pa.Table], Best]]:
    """The same as a function, for as long as its processes are there; each has looked ``warm`` up before."""
    cores, context = len(os.sched_getaffinity(0)), get_context("spawn")
    ready = context.Barrier(cores + 1)
    with ProcessPoolExecutor(cores, context, _start, (home, warm, ready)) as pool:
        started = [pool.submit(int) for _ in range(cores)]  # a process starts for whatever finds none idle
        ready.wait(_START_SECONDS)
        for one in started:
            one.result()
        yield lambda records: _joined(pool.map(partial(_found_in, home), _chunks(records, cores)))


def _start(home: Path, warm: pa.Table, ready: Barrier) -> None:
    _found_in(home, warm)
    ready.wait(_START_SECONDS)


def _found_in(home: Path, records: pa.Table) -> Best:
    return found(_finder(home), records)


@lru_cache(maxsize=1)
def _finder(home: Path) -> Finder:
    return Finder(open_population(home), Kind.PERSON)


def _chunks(records: pa.Table, processes: int) -> Iterator[pa.Table]:
    """As many of one size for each process, none above ``CHUNK_ROWS``."""
    rounds = max(-(-len(records) // (CHUNK_ROWS * processes)), 1)
    size = max(-(-len(records) // (rounds * processes)), 1)
    for start in range(0, len(records), size):
        yield records.take(np.arange(start, min(start + size, len(records))))  # a slice is sent with all it was cut of


def _joined(chunks: Iterable[Best]) -> Best:
    return Best(*map(np.concatenate, zip(*chunks, strict=True)))
