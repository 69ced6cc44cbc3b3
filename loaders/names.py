"""Company names in columns: what ``normalise.companies.company_name`` says of each, for tens of millions of rows.

Nearly every name of the register is plain words, perhaps with a root in front or a CPF behind; those are taken apart
by pattern. Only what has punctuation is given to the scalar function.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from bureau.normalise.columns import map_distinct, normal_texts
from bureau.normalise.companies import company_name
from bureau.normalise.documents import tax_ids

_PLAIN = "^[A-Z0-9]+( [A-Z0-9]+)*$"
_ROOT = r"^[0-9]{2}\.?[0-9]{3}\.?[0-9]{3} ([^0-9])"
_TAKEN_APART = pa.struct([pa.field("text", pa.string()), pa.field("owner", pa.int64())])
_OWNER = "([^ ] |[^ 0-9]|[^ ] ?CPF ?)[0-9]{11}$"
_WITHOUT_OWNER = "^(.*?[^ ]) ?(CPF ?)?[0-9]{11}$"


class CompanyNames(NamedTuple):
    """``texts`` as ``CompanyName.display``, ``owners`` as ``CompanyName.owner_tax_id``; null where there is none."""

    texts: pa.Array
    owners: pa.Array


def company_names(column: pa.Array) -> CompanyNames:
    """The names to keep, and the CPF that an individual entrepreneur's name ends in."""
    bare = pc.replace_substring_regex(normal_texts(column), _ROOT, r"\1")
    plain = pc.match_substring_regex(bare, _PLAIN)
    odd = pc.invert(pc.fill_null(plain, True)).to_numpy(False)
    texts, owners = _without_owners(pc.if_else(plain, bare, None))
    if not odd.any():
        return CompanyNames(texts, owners)
    found = map_distinct(column.filter(pa.array(odd)), _taken_apart, _TAKEN_APART)
    places = pa.array(odd)
    return CompanyNames(
        pc.replace_with_mask(texts, places, pc.struct_field(found, "text")),
        pc.replace_with_mask(owners, places, pc.struct_field(found, "owner")),
    )


def _without_owners(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Plain names without the valid CPF at their end, and that CPF."""
    ends = pc.fill_null(pc.match_substring_regex(texts, _OWNER), False).to_numpy(False)
    candidates = texts.filter(pa.array(ends))
    numbers, problems = tax_ids(pc.utf8_slice_codeunits(candidates, -11), "person")
    cut = pc.replace_substring_regex(candidates, _WITHOUT_OWNER, r"\1")
    places = pa.array(ends)
    return (
        pc.replace_with_mask(texts, places, pc.if_else(pa.array(problems == 0), cut, candidates)),
        pc.replace_with_mask(pa.nulls(len(texts), pa.int64()), places, pa.array(numbers, mask=problems != 0)),
    )


def _taken_apart(cell: str) -> dict[str, str | int | None] | None:
    found = company_name(cell)
    return {"text": found.display, "owner": found.owner_tax_id or None} if found else None
