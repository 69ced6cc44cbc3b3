"""People tables to :class:`~bureau.population.rows.Rows`."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.layout import NAME_TOKENS
from bureau.model.tables import PEOPLE
from bureau.normalise.names import PARTICLES, SUFFIXES, TITLES
from bureau.population.intern import Interner
from bureau.population.rows import Names, Parts, Rows, SourceNames, fill_common, plain, yyyymmdd
from bureau.population.sources import Release, batches, count_rows

_PARTICLE = 254  # roles of a token; suffix codes are below, 0 is a plain one
_TITLE = 255


class PersonNames:
    """Takes person names apart by token number; equal to ``normalise.names.person_name`` on every name.

    The particles, titles and suffixes are the first rows of the vocabulary, so a token's role is one look-up.
    """

    def __init__(self, vocabulary: Interner) -> None:
        self._vocabulary = vocabulary
        roles = {**dict.fromkeys(PARTICLES, _PARTICLE), **dict.fromkeys(TITLES, _TITLE), **SUFFIXES}
        rows = vocabulary.rows(pa.array(sorted(roles)))
        self._roles = np.zeros(int(rows.max()) + 1, np.uint8)
        self._roles[rows] = [roles[token] for token in sorted(roles)]

    def fill(self, names: Names, parts: Parts, batch: pa.RecordBatch, start: int) -> None:
        """Names, mothers' names and birth dates of one batch, whose first row becomes name ``start``."""
        part = slice(start, start + len(batch))
        ends, tokens = self._vocabulary.token_rows(batch["name"])
        names.ends[part] = parts.add("tokens", tokens, ends)
        _contents(ends, tokens, self._roles, NAME_TOKENS - 1, names.content[part], names.suffix[part])
        ends, tokens = self._vocabulary.token_rows(batch["mother_name"])
        _contents(ends, tokens, self._roles, 1, names.alias[part], np.empty(len(batch), np.uint8))
        names.date[part] = yyyymmdd(batch["birth_date"])


def read_people(
    releases: list[Release], sources: SourceNames, vocabulary: Interner, texts: Interner
) -> tuple[Rows, list[int]]:
    """All people rows of the releases in order, and how many rows each release brought."""
    total = count_rows(releases, "people")
    rows, parts, lengths = Rows.empty(total, Names.empty(total)), Parts(), []
    rows.sex, rows.broken = np.zeros(total, np.uint8), np.zeros(total, np.int64)
    person_names, start = PersonNames(vocabulary), 0
    with ThreadPoolExecutor(1) as beside:
        for release in releases:
            first = start
            for batch in batches(release, "people", PEOPLE):
                # The two interners share nothing, so names and the rest go side by side.
                others = beside.submit(fill_common, rows, parts, batch, start, texts)
                person_names.fill(rows.names, parts, batch, start)
                rows.sex[start : start + len(batch)] = plain(batch["sex"], 0)
                rows.broken[start : start + len(batch)] = _broken(batch["broken_tax_id"])
                rows.source[start : start + len(batch)] = sources.numbers(batch["source"], release.source)
                others.result()
                start += len(batch)
            lengths.append(start - first)
    rows.names.tokens = parts.take("tokens", np.uint32)
    rows.phones, rows.emails = parts.take("phones", np.int64), parts.take("emails", np.uint32)
    return rows, lengths


def _broken(column: pa.Array) -> NDArray[np.int64]:
    """Digits as a number that keeps the zeros they begin with: a 1 goes before them."""
    return plain(pc.binary_join_element_wise("1", column, "").cast(pa.int64()), 0)


@compiled
def _contents(
    ends: NDArray[np.int64],
    tokens: NDArray[np.uint32],
    roles: NDArray[np.uint8],
    head: int,
    content: NDArray[np.int32],
    suffix: NDArray[np.uint8],
) -> None:
    """Content tokens and suffix of every name; of more tokens than fit, the first ``head`` and the last ones stay."""
    width, start = content.shape[1], 0
    found = np.empty(len(tokens), np.uint32)
    for i in range(len(ends)):
        n = 0
        for j in range(start, ends[i]):
            if not (tokens[j] < len(roles) and roles[tokens[j]] == _PARTICLE):
                found[n] = tokens[j]
                n += 1
        first = 0
        while n - first > 2 and found[first] < len(roles) and roles[found[first]] == _TITLE:
            first += 1
        suffix[i] = 0
        if n - first > 2 and found[n - 1] < len(roles) and roles[found[n - 1]] < _PARTICLE:
            suffix[i] = roles[found[n - 1]]
            n -= suffix[i] > 0
        if n == 0:  # nothing but particles: then they are the name
            n = ends[i] - start
            found[:n] = tokens[start : ends[i]]
        kept = min(n - first, width)
        lead = kept if n - first <= width else head
        for j in range(lead):
            content[i, j] = found[first + j]
        for j in range(lead, kept):
            content[i, j] = found[n - kept + j]
        start = ends[i]
