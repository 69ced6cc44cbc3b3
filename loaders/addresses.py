"""Cells of an address → the address columns that all source tables share."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.normalise.addresses import (
    complements,
    districts,
    house_numbers,
    municipalities_of,
    municipality_of_postal_code,
    postal_codes,
    streets,
)
from bureau.normalise.columns import map_distinct
from loaders.report import Tally


class AddressCells(NamedTuple):
    """An address as delivered; ``city`` is the municipality's name."""

    street: pa.Array
    number: pa.Array
    complement: pa.Array
    district: pa.Array
    city: pa.Array
    state: pa.Array
    postal_code: pa.Array


class StreetCells(NamedTuple):
    """The part of an address below the municipality."""

    street: pa.Array
    number: pa.Array
    complement: pa.Array
    district: pa.Array


def address_columns(cells: AddressCells, tally: Tally) -> dict[str, pa.Array]:
    """The address columns; a place that no name gives is taken from the postal code."""
    codes = postal_code_column(cells.postal_code, tally)
    return {
        **street_columns(StreetCells(cells.street, cells.number, cells.complement, cells.district)),
        "municipality": _municipalities(cells.city, cells.state, codes, tally),
        "postal_code": codes,
    }


def street_columns(cells: StreetCells) -> dict[str, pa.Array]:
    """Street, number, complement and district, each on its own."""
    return {
        "street": streets(cells.street),
        "number": house_numbers(cells.number),
        "complement": complements(cells.complement),
        "district": districts(cells.district),
    }


def postal_code_column(cells: pa.Array, tally: Tally) -> pa.Array:
    """CEPs; what is none is null and counted."""
    found = postal_codes(cells)
    filled = pc.fill_null(pc.not_equal(pc.utf8_trim(cells, "0 "), ""), False).to_numpy(False)
    tally.unusable["postal_code.unusable"] += int(np.count_nonzero(filled & (found == 0)))
    return pa.array(found, mask=found == 0)


def _municipalities(cities: pa.Array, states: pa.Array, codes: pa.Array, tally: Tally) -> pa.Array:
    named = municipalities_of(cities, states)
    filled = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cities), ""), False).to_numpy(False)
    tally.unusable["city.unknown"] += int(np.count_nonzero(filled & (named == 0)))
    unnamed = pa.array(named == 0)
    coded = map_distinct(codes.filter(unnamed).cast(pa.string()), _municipality_of, pa.uint16())
    return pc.replace_with_mask(pa.array(named), unnamed, coded)


def _municipality_of(digits: str) -> int | None:
    return municipality_of_postal_code(int(digits)) or None
