"""The register's code lists: those of the release at hand together with those that travel in the package."""

from collections.abc import Mapping

import pyarrow.compute as pc

from bureau.reference import register
from loaders.cnpj.files import RegisterFile, Table
from loaders.cnpj.reading import Codes, batches


def known_codes(files: Mapping[Table, list[RegisterFile]]) -> Codes:
    """Every code that some list explains. Lists lag behind the data, so an unknown code is normal."""
    packaged = {
        Table.ACTIVITIES: register.activities(),
        Table.REASONS: register.registration_reasons(),
        Table.MUNICIPALITIES: register.register_municipalities(),
        Table.LEGAL_NATURES: register.legal_natures(),
        Table.COUNTRIES: register.countries(),
        Table.QUALIFICATIONS: register.qualifications(),
    }
    return {table: frozenset(codes) | _delivered(files[table]) for table, codes in packaged.items()}


def _delivered(files: list[RegisterFile]) -> frozenset[str]:
    found = (pc.unique(batch.text("code")).to_pylist() for file in files for batch in batches(file))
    return frozenset(code for codes in found for code in codes if code)
