"""Which files of a directory hold which table of the register, zipped or not.

The register comes as ``Empresas0.zip`` … with members named in mainframe style (``K3241.K03200Y0.D61114.EMPRECSV``);
people also keep the members unpacked or renamed. A file is what the type part of its name says.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, cast

from bureau.errors import UnreadableInput


class Table(StrEnum):
    """The ten tables of the register; the value is the type part of the official member names."""

    COMPANIES = "EMPRECSV"
    ESTABLISHMENTS = "ESTABELE"
    PARTNERS = "SOCIOCSV"
    SIMPLES = "SIMPLES"
    ACTIVITIES = "CNAECSV"
    REASONS = "MOTICSV"
    MUNICIPALITIES = "MUNICCSV"
    LEGAL_NATURES = "NATJUCSV"
    COUNTRIES = "PAISCSV"
    QUALIFICATIONS = "QUALSCSV"


_NAMES = {
    Table.COMPANIES: "EMPRECSV|EMPRESA",
    Table.ESTABLISHMENTS: "ESTABELE",
    Table.PARTNERS: "SOCIO",
    Table.SIMPLES: "SIMPLES",
    Table.ACTIVITIES: "CNAE",
    Table.REASONS: "MOTICSV|MOTIVO",
    Table.MUNICIPALITIES: "MUNICCSV|MUNICIPIO",
    Table.LEGAL_NATURES: "NATJUCSV|NATUREZA",
    Table.COUNTRIES: "PAISCSV|PAISES",
    Table.QUALIFICATIONS: "QUALSCSV|QUALIFICAC",
}
_ENCRYPTED = 1  # bit of a member's flags
_DOCUMENTS = {".md", ".txt", ".pdf", ".html", ".json", ".xlsx", ".ods", ".sha256", ".md5"}


class RegisterFile(NamedTuple):
    """One text file of the register; ``member`` is its name inside the archive ``path``, None when it is not zipped.

    ``size`` is in bytes, unpacked.
    """

    table: Table
    path: Path
    member: str | None
    size: int

    @property
    def name(self) -> str:
        return f"{self.path.name}/{self.member}" if self.member else self.path.name


def find_files(directory: Path) -> dict[Table, list[RegisterFile]]:
    """The register's files in ``directory`` (not below), in order of name; documents and unknown names are left alone.

    Raises ``UnreadableInput`` for a missing directory, one without the register, or an archive that is damaged,
    empty, or holds another table than its name says.
    """
    try:
        paths = sorted(path for path in directory.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise UnreadableInput(f"The directory {directory} cannot be read: {error.strerror}.") from None
    archives = [path for path in paths if path.suffix.lower() == ".zip"]
    found = [file for path in paths if path not in archives for file in _plain(path)]
    # Someone who unpacked the archives next to them does not want every company twice.
    unpacked = {file.name.lower() for file in found}
    found += [file for path in archives for file in _zipped(path) if (file.member or "").lower() not in unpacked]
    for table, title in ((Table.ESTABLISHMENTS, "Estabelecimentos"), (Table.COMPANIES, "Empresas")):
        if not any(file.table is table for file in found):
            raise UnreadableInput(f"{directory} holds no {title} file ({table}) of the company register.")
    return {table: [file for file in found if file.table is table] for table in Table}


@contextmanager
def opened(file: RegisterFile) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked on the fly; damage met while reading is ``UnreadableInput`` too."""
    try:
        with zipfile.ZipFile(file.path) if file.member else _no_archive() as archive:
            stream: IO[bytes] = archive.open(file.member) if archive and file.member else file.path.open("rb")
            with stream:
                yield cast(BinaryIO, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise UnreadableInput(f"{file.path.name} is damaged or was not downloaded completely.") from None
    except NotImplementedError:
        raise UnreadableInput(f"{file.path.name} is packed in a way that cannot be read; unpack it first.") from None
    except OSError as error:
        raise UnreadableInput(f"{file.path.name} cannot be read: {error.strerror}.") from None


def table_of(name: str) -> Table | None:
    """The table that a file name speaks of, if any."""
    found = [table for table, pattern in _NAMES.items() if re.search(pattern, name.upper())]
    return found[0] if len(found) == 1 else None


@contextmanager
def _no_archive() -> Iterator[None]:
    yield None


def _plain(path: Path) -> list[RegisterFile]:
    table = None if path.suffix.lower() in _DOCUMENTS else table_of(path.name)
    return [RegisterFile(table, path, None, path.stat().st_size)] if table else []


def _zipped(path: Path) -> list[RegisterFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if _is_data(member)]
    except (zipfile.BadZipFile, OSError):
        raise UnreadableInput(f"{path.name} is not a zip archive, or was not downloaded completely.") from None
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise UnreadableInput(f"{path.name} is protected by a password; unpack it first.")
    expected = table_of(path.stem)
    if not members and expected:
        raise UnreadableInput(f"{path.name} is an empty archive.")
    files = []
    for member in members:
        table = table_of(Path(member.filename).name)
        if expected and table is not expected and (table or len(members) > 1):
            raise UnreadableInput(f"{path.name} holds {member.filename}, which is not a file of {expected}.")
        if table or expected:
            files.append(RegisterFile(table or cast(Table, expected), path, member.filename, member.file_size))
    return files


def _is_data(member: zipfile.ZipInfo) -> bool:
    name = Path(member.filename)
    hidden = name.name.startswith(".") or "__MACOSX" in name.parts
    return not (member.is_dir() or hidden or name.suffix.lower() in _DOCUMENTS)
