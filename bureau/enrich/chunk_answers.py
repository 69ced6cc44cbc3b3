"""One chunk of a customer's file answered: every row ends among the answers or among the refusals."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.enrich.results import Answers
from bureau.intake.canonical import CANONICAL
from bureau.intake.chunks import Own, Refusal, chunk_of
from bureau.intake.description import Description
from bureau.intake.rows import Rows
from bureau.model.answer import Status
from bureau.model.query import Kind
from bureau.normalise.documents import TaxId, parse_tax_id

Answering = Callable[[pa.Table, bool], Answers]
"""Canonical records (see ``bureau.intake.canonical``) and whether whole answers are wanted → their answers, in order.
It goes to other processes, so it must be picklable: a ``functools.partial`` of a module's function."""

_ROUNDED = r"(?i)^\s*\d([.,]\d+)?E\+?\d{1,2}\s*$"


class Asking(NamedTuple):
    """A file's question to a population. ``kind`` says what every row is, where its columns do not."""

    what: Description
    answer: Answering
    kind: Kind | None = None


class Answered(NamedTuple):
    """``answers`` are those of the rows of ``own``, in order; all others of the chunk are refusals."""

    own: Own
    answers: Answers
    refusals: list[Refusal]


class Tally(msgspec.Struct, frozen=True):
    """``statuses`` counts answers by status, ``refused`` rows by reason, ``repairs`` by rule; ``emails`` and ``phones``
    are answers that carry at least one, ``charged`` the units."""

    statuses: dict[str, int] = {}
    emails: int = 0
    phones: int = 0
    charged: int = 0
    repairs: dict[str, int] = {}
    refused: dict[str, int] = {}

    @property
    def rows(self) -> int:
        """Answered and refused."""
        return sum(self.statuses.values()) + sum(self.refused.values())


def answer_rows(asking: Asking, rows: Rows, *, nested: bool, with_columns: bool) -> Answered:
    """Read and answer rows; ``nested`` for whole answers too, ``with_columns`` for the client's columns as a table."""
    chunk = chunk_of(asking.what, rows, with_columns)
    answers = asking.answer(_of_kind(chunk.records, asking), nested)
    refused = pc.equal(answers.columns["bureau_status"], Status.REFUSED.value)
    if not pc.any(refused).as_py():
        return Answered(chunk.own, answers, chunk.refusals)
    kept = pc.invert(refused).combine_chunks()
    numbers = chunk.own.rows[refused.to_numpy()].tolist()
    new = [Refusal(row, *why) for row, why in zip(numbers, _whys(chunk.records, answers, refused), strict=True)]
    return Answered(chunk.own.filter(kept), answers.filter(kept), sorted(chunk.refusals + new))


def _whys(records: pa.Table, answers: Answers, refused: pa.ChunkedArray) -> Iterator[tuple[str, str]]:
    """Column and reason of refused records; a tax id that a spreadsheet rounded off is the better reason."""
    rounded = pc.match_substring_regex(records["tax_id"].filter(refused), _ROUNDED).to_pylist()
    notes = answers.columns["bureau_repairs"].filter(refused).to_pylist()
    for lost, note in zip(rounded, notes, strict=True):
        column, _, reason = note.partition(": ")
        yield ("tax_id", "precision_lost") if lost else (column, reason)


def tally(answered: Answered) -> Tally:
    columns = answered.answers.columns
    statuses = pc.value_counts(columns["bureau_status"]).to_pylist()
    notes = columns["bureau_repairs"].drop_null().to_pylist()
    return Tally(
        statuses={count["values"]: count["counts"] for count in statuses},
        emails=len(columns) - columns["bureau_email_1"].null_count,
        phones=len(columns) - columns["bureau_phone_1"].null_count,
        charged=pc.sum(columns["bureau_charge"]).as_py() or 0,
        repairs=Counter(note.rpartition(": ")[2] for text in notes for note in text.split("; ")),
        refused=Counter(refusal.reason for refusal in answered.refusals),
    )


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    statuses, repairs, refused = Counter[str](), Counter[str](), Counter[str]()
    emails = phones = charged = 0
    for one in tallies:
        statuses.update(one.statuses)
        repairs.update(one.repairs)
        refused.update(one.refused)
        emails, phones, charged = emails + one.emails, phones + one.phones, charged + one.charged
    return Tally(_sorted(statuses), emails, phones, charged, _sorted(repairs), _sorted(refused))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _of_kind(records: pa.Table, asking: Asking) -> pa.Table:
    """Say of every row what it is: as the user says, else as its own columns do."""
    at = CANONICAL.get_field_index("kind")
    kinds = pa.repeat(asking.kind.value, records.num_rows) if asking.kind else _kinds(records, asking.what)
    return records.set_column(at, CANONICAL.field(at), kinds)


def _kinds(records: pa.Table, what: Description) -> pa.Array:
    """What a row says (``J``, ``PF``, ``Pessoa Jurídica``, ``company``, CNAB's 1 and 2), else by header or tax id."""
    company = pc.match_substring_regex(records["kind"], r"(?i)^(p?j|0?2|cnpj)$|jur[ií]dica|^comp|^emp")
    person = pc.match_substring_regex(records["kind"], r"(?i)^(p?f|0?1|cpf)$|f[ií]sica|^pers")
    said = pc.if_else(person, False, pc.if_else(company, True, None))
    counted = _people_among_companies(records["tax_id"]) if what.meaning.company_names else _long_tax_ids(records)
    found = pc.fill_null(pc.coalesce(said, counted), False)
    return pc.if_else(found, Kind.COMPANY.value, Kind.PERSON.value)


def _long_tax_ids(records: pa.Table) -> pa.Array:
    """Whether a tax id has 12 digits or more; a CPF padded to the width of a CNPJ begins with three zeros, as no
    register root does below a thousand companies."""
    whole = pc.replace_substring_regex(records["tax_id"], r"[.,]0{1,2}$|(?i)E\+?[0-9]{1,2}$", "")
    digits = pc.replace_substring_regex(whole, r"[^0-9A-Za-z]", "")
    width = pc.utf8_length(digits)
    long = pc.and_(pc.greater(width, 11), pc.invert(pc.starts_with(digits, "000")))
    company = pc.fill_null(long, False).to_numpy().copy()
    doubtful = np.flatnonzero(company & _has_what_people_have(records, width))
    for row, text in zip(doubtful.tolist(), records["tax_id"].take(pa.array(doubtful)).to_pylist(), strict=True):
        company[row] = isinstance(parse_tax_id(text, "company"), TaxId)
    return pa.array(company)


def _has_what_people_have(records: pa.Table, width: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Whether a row speaks of a person, whose CPF then got digits too many. A day alone may be a company's first,
    should its CNPJ be of the usual width."""
    born = pc.and_(pc.is_valid(records["birth_date"]), pc.not_equal(width, 14))
    said = pc.or_(pc.is_valid(records["sex"]), pc.is_valid(records["mother_name"]))
    found: NDArray[np.bool_] = pc.fill_null(pc.or_(said, born), False).to_numpy()
    return found


def _people_among_companies(tax_ids: pa.ChunkedArray) -> pa.Array:
    """Under a header of companies all are, but for those whose tax id can only be a CPF (padded with zeros, often)."""
    short = pc.fill_null(pc.match_substring_regex(tax_ids, r"^\D*(?:0{3,4})?(?:\d\D*){11}$"), False).to_numpy()
    company = ~short
    rows = np.flatnonzero(short)
    for row, text in zip(rows.tolist(), tax_ids.take(pa.array(rows)).to_pylist(), strict=True):
        as_company, as_person = parse_tax_id(text, "company"), parse_tax_id(text, "person")
        company[row] = isinstance(as_company, TaxId) or not isinstance(as_person, TaxId)
    return pa.array(company)
