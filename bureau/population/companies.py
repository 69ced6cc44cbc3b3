"""Company and partner tables to :class:`~bureau.population.rows.Rows`, facts and partner rows."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.layout import NAME_TOKENS, NO_TAX_ID
from bureau.model.snapshot import COMPANY_FACTS
from bureau.model.tables import COMPANIES, PARTNERS
from bureau.normalise.companies import CIA, LEGAL_FORMS, LINKS, STATES, company_name
from bureau.population.entities import Entities
from bureau.population.intern import Interner
from bureau.population.reader import Partners
from bureau.population.rows import Names, Parts, Rows, SourceNames, fill_common, plain, yyyymmdd
from bureau.population.sources import Release, batches, count_rows
from bureau.population.vocabulary import pick_names

_LINK = 255  # role of DE, DA …; legal form codes are below, 0 is a plain token
NAMES_PER_ROW = 2

# Names that token roles cannot take apart: anything but words, numbers that may be a root or a CPF, conditions.
_UNUSUAL = r"[^A-Z0-9 ]|^\d{8} |\d{11}$|" + "|".join(rf"\b{phrase}\b" for phrase in STATES)


class CompanyNames:
    """Takes company names apart by token number; equal to ``normalise.companies.company_name`` on every name."""

    def __init__(self, vocabulary: Interner) -> None:
        self._vocabulary = vocabulary
        single = {form: code for form, code in LEGAL_FORMS.items() if " " not in form} | dict.fromkeys(LINKS, _LINK)
        rows = vocabulary.rows(pa.array(sorted(single)))
        self._roles = np.zeros(int(rows.max()) + 1, np.uint8)
        self._roles[rows] = [single[token] for token in sorted(single)]
        pairs = [(*form.split(" "), code) for form, code in LEGAL_FORMS.items() if " " in form]
        self._pairs = np.array([(*vocabulary.rows(pa.array([a, b])), code) for a, b, code in pairs], np.uint32)

    def fill(self, names: Names, parts: Parts, batch: pa.RecordBatch, start: int) -> None:
        """Legal and trade names and opening dates of one batch, whose first row's legal name becomes name ``start``."""
        count = len(batch)
        part = slice(start, start + NAMES_PER_ROW * count)
        woven = np.arange(NAMES_PER_ROW * count).reshape(NAMES_PER_ROW, count).T.ravel()
        texts = pa.concat_arrays([batch["legal_name"], batch["trade_name"]]).take(pa.array(woven))
        ends, tokens = self._vocabulary.token_rows(texts)
        names.ends[part] = parts.add("tokens", tokens, ends)
        _contents(ends, tokens, (self._roles, self._pairs), names.content[part], names.suffix[part])
        names.date[part] = np.repeat(yyyymmdd(batch["opened_on"]), NAMES_PER_ROW)
        self._fill_unusual(names, texts, start)

    def _fill_unusual(self, names: Names, texts: pa.Array, start: int) -> None:
        unusual = np.flatnonzero(plain(pc.match_substring_regex(texts, _UNUSUAL), False))
        for i, text in zip(unusual.tolist(), texts.take(pa.array(unusual)).to_pylist(), strict=True):
            found = company_name(text)
            content = found.content if found else ()
            kept = content if len(content) <= NAME_TOKENS else (*content[: NAME_TOKENS - 1], content[-1])
            names.content[start + i] = 0
            names.content[start + i, : len(kept)] = self._vocabulary.rows(pa.array(kept, pa.string()))
            names.suffix[start + i] = found.legal_form if found else 0


class CompanyRows(NamedTuple):
    """``facts`` are COMPANY_FACTS by row."""

    rows: Rows
    facts: NDArray[Any]
    lengths: list[int]  # rows each release brought


def read_companies(releases: list[Release], sources: SourceNames, vocabulary: Interner, texts: Interner) -> CompanyRows:
    """All company rows of the releases in order."""
    total = count_rows(releases, "companies")
    rows, parts, lengths = Rows.empty(total, Names.empty(NAMES_PER_ROW * total)), Parts(), []
    facts, names, start = np.zeros(total, COMPANY_FACTS), CompanyNames(vocabulary), 0
    for release in releases:
        first = start
        for batch in batches(release, "companies", COMPANIES):
            fill_common(rows, parts, batch, start, texts)
            names.fill(rows.names, parts, batch, NAMES_PER_ROW * start)
            rows.source[start : start + len(batch)] = sources.numbers(batch["source"], release.source)
            _fill_facts(facts[start : start + len(batch)], batch)
            start += len(batch)
        lengths.append(start - first)
    rows.names.tokens = parts.take("tokens", np.uint32)
    rows.phones, rows.emails = parts.take("phones", np.int64), parts.take("emails", np.uint32)
    return CompanyRows(rows, facts, lengths)


def read_partners(releases: list[Release], vocabulary: Interner) -> Partners:
    """All partner rows, sorted by company root."""
    columns: dict[str, list[NDArray[Any]]] = {name: [np.zeros(0, np.int64)] for name in ("ends", *_PARTNER_COLUMNS)}
    parts = Parts()
    for release in releases:
        for batch in batches(release, "partners", PARTNERS):
            ends, tokens = vocabulary.token_rows(batch["name"])
            columns["ends"].append(parts.add("tokens", tokens, ends))
            for name, (column, unknown) in _PARTNER_COLUMNS.items():
                columns[name].append(plain(batch[column], unknown))
    whole = {name: np.concatenate(pieces) for name, pieces in columns.items()}
    order = np.argsort(whole["root"], kind="stable")
    offsets, tokens = pick_names(whole["ends"], parts.take("tokens", np.uint32), order)
    return Partners(
        whole["root"][order],
        whole["kind"][order].astype(np.uint8),
        whole["masked_cpf"][order].astype(np.int32),
        whole["tax_id"][order],
        whole["age_band"][order].astype(np.uint8),
        offsets,
        tokens,
    )


_PARTNER_COLUMNS = {
    "root": ("company_root", 0),
    "kind": ("kind", 0),
    "masked_cpf": ("masked_cpf", -1),
    "tax_id": ("tax_id", NO_TAX_ID),
    "age_band": ("age_band", 0),
}


def entity_facts(facts: NDArray[Any], entities: Entities) -> NDArray[Any]:
    """One row an entity: the latest that says anything about legal nature or status, else the latest."""
    said = (facts["legal_nature"] != 0) | (facts["registration_status"] != 0)
    return facts[_latest_where(said, entities)]


def _fill_facts(facts: NDArray[Any], batch: pa.RecordBatch) -> None:
    for name in ("legal_nature", "size", "registration_status", "activity", "owner_tax_id"):
        facts[name] = plain(batch[name], 0)
    facts["head_office"] = plain(batch["head_office"], False)
    facts["opened_on"] = plain(batch["opened_on"].cast(pa.int32()), 0)


@compiled
def _latest_where(said: NDArray[np.bool_], e: Entities) -> NDArray[np.int64]:
    found = np.empty(len(e.tax_id), np.int64)
    for entity in range(len(found)):
        rows = e.order[e.first[entity] : e.first[entity + 1]]
        found[entity] = rows[0]
        for row in rows:
            if said[row]:
                found[entity] = row
                break
    return found


@compiled
def _contents(
    ends: NDArray[np.int64],
    tokens: NDArray[np.uint32],
    forms: tuple[NDArray[np.uint8], NDArray[np.uint32]],
    content: NDArray[np.int32],
    suffix: NDArray[np.uint8],
) -> None:
    """Content tokens and legal form of every name; ``forms`` are roles by token, and (first, second, form) of pairs."""
    roles, pairs = forms
    width, begin = content.shape[1], 0
    found = np.empty(len(tokens) + 1, np.uint32)
    for i in range(len(ends)):
        start, end, form = begin, ends[i], 0
        while end - start > 1:
            code = roles[tokens[end - 1]] if tokens[end - 1] < len(roles) else 0
            if 0 < code < _LINK:
                form, end = code, end - 1
                continue
            paired = 0
            for k in range(len(pairs) if end - start > 2 else 0):
                if pairs[k, 0] == tokens[end - 2] and pairs[k, 1] == tokens[end - 1]:
                    paired = pairs[k, 2]
            if paired == 0:
                break
            form, end = paired, end - 2
        if end - start > 1 and tokens[start] < len(roles) and roles[tokens[start]] == CIA:
            form = form if form > 0 else CIA
            start += 1
        n = 0
        for j in range(start, end):
            if not (tokens[j] < len(roles) and roles[tokens[j]] == _LINK):
                found[n] = tokens[j]
                n += 1
        if n == 0:
            n = ends[i] - begin
            found[:n] = tokens[begin : ends[i]]
        suffix[i] = form
        for j in range(min(n, width)):
            content[i, j] = found[j]
        if n > width:
            content[i, width - 1] = found[n - 1]
        begin = ends[i]
