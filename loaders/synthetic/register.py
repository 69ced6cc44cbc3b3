"""The company register's archives: names, layout and encoding of the Receita Federal's monthly open data."""

import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from bureau.reference import register as code_lists
from loaders.synthetic.business import CompanyNames
from loaders.synthetic.chance import Bijection
from loaders.synthetic.companies import company_columns, draw_companies, partner_columns, simples_columns
from loaders.synthetic.establishments import EstablishmentWriter
from loaders.synthetic.population import Block, World
from loaders.synthetic.tables import csv_bytes

_RELEASE = "D61114"  # year 2026, November 14th
_STAMP = (2026, 11, 14, 0, 0, 0)
_COMPANIES_A_PART = 500_000


class RegisterFiles:
    """The register of one run; ``write`` adds the companies of a block."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.companies = self.establishments = self.partners = 0
        self._folder, self._world, self._open = folder, world, ExitStack()
        self._parts = min(10, 1 + world.options.company_count // _COMPANIES_A_PART)
        self._members: dict[str, IO[bytes]] = {}
        self._names = CompanyNames(world.stock, world.words)
        self._roots = Bijection([world.options.seed, 103], 10_000, 10_000)
        self._establishments = EstablishmentWriter(world, self._names)

    def __enter__(self) -> "RegisterFiles":
        self._write_code_lists()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, block: Block) -> None:
        rng = self._world.rng(block.number, 2)
        count = self._world.quota(self._world.options.company_count, block.number)
        numbers = self.companies + np.arange(count)
        companies = draw_companies(rng, self._world, block, numbers, self._roots)
        part = f"K3241.K03200Y{block.number % self._parts}.{_RELEASE}"
        self._append(f"{part}.EMPRECSV", company_columns(rng, block, self._names, companies))
        self.companies += count
        self.establishments += self._append(f"{part}.ESTABELE", self._establishments.columns(rng, block, companies))
        partners = partner_columns(rng, self._world, block, companies, self._roots)
        self.partners += self._append(f"{part}.SOCIOCSV", partners)
        simples = simples_columns(rng, companies, self._world.today)
        self._append(f"F.K03200$W.SIMPLES.CSV.{_RELEASE}", simples)

    def _append(self, member: str, columns: list[pa.StringArray]) -> int:
        """Add rows to a member, in an archive of its own, and answer how many."""
        if member not in self._members:
            self._members[member] = self._open_member(member)
        self._members[member].write(csv_bytes(columns, ";", "latin-1"))
        return len(columns[0])

    def _open_member(self, member: str) -> IO[bytes]:
        archive = self._open.enter_context(zipfile.ZipFile(self._folder / f"{member}.zip", "w"))
        entry = zipfile.ZipInfo(member, _STAMP)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry._compresslevel = 1  # type: ignore[attr-defined]  # 1 is four times as fast as 6; public only since 3.13
        return self._open.enter_context(archive.open(entry, "w", force_zip64=True))

    def _write_code_lists(self) -> None:
        lists: Mapping[str, Mapping[str, str]] = {
            "CNAECSV": code_lists.activities(),
            "MOTICSV": code_lists.registration_reasons(),
            "MUNICCSV": code_lists.register_municipalities(),
            "NATJUCSV": code_lists.legal_natures(),
            "PAISCSV": code_lists.countries(),
            "QUALSCSV": code_lists.qualifications(),
        }
        for kind, codes in lists.items():
            columns = [pa.array(list(codes)), pa.array(list(codes.values()))]
            self._append(f"F.K03200$Z.{_RELEASE}.{kind}", columns)
