"""Company names in columns: what ``normalise.companies.company_name`` says of each, for tens of millions of rows.

Nearly every name of the register is plain words, perhaps with a root in front or a CPF behind; those are taken apart
by pattern. Only what has punctuation is given to the scalar function.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.normalise.columns import map_distinct, normal_texts
from bureau.normalise.companies import company_name
from bureau.normalise.documents import tax_ids

_PLAIN = "^[A-Z0-9]+( [A-Z0-9]+)*$"
_ROOT = r"^[0-9]{2}\.?[0-9]{3}\.?[0-9]{3} ([^0-9])"
_OWNER = "[^ ] ?(CPF ?)?[0-9]{11}$"


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
    cells = column.filter(pa.array(odd))
    odd_texts = map_distinct(cells, _display, pa.string())
    odd_owners = map_distinct(cells, _owner, pa.int64())
    places = pa.array(odd)
    return CompanyNames(
        pc.replace_with_mask(texts, places, odd_texts), pc.replace_with_mask(owners, places, odd_owners)
    )


def _without_owners(texts: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Plain names without the valid CPF at their end, and that CPF."""
    ends = pc.match_substring_regex(texts, _OWNER)
    numbers, problems = tax_ids(pc.if_else(ends, pc.utf8_slice_codeunits(texts, -11), None), "person")
    owned = pa.array((problems == 0) & pc.fill_null(ends, False).to_numpy(False))
    cut = pc.utf8_rtrim_whitespace(pc.replace_substring_regex(texts, " ?(CPF ?)?[0-9]{11}$", ""))
    return pc.if_else(owned, cut, texts), pa.array(np.where(problems == 0, numbers, 0), mask=~owned.to_numpy(False))


def _display(cell: str) -> str | None:
    found = company_name(cell)
    return found.display if found else None


def _owner(cell: str) -> int | None:
    found = company_name(cell)
    return (found.owner_tax_id or None) if found else None
