"""File names of the register, as officially published and as people rename them."""

from pathlib import Path

import pytest

from bureau.errors import UnreadableInput
from loaders.cnpj.files import RegisterFile, Table, find_files, opened, table_of


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("K3241.K03200Y0.D10612.EMPRECSV", Table.COMPANIES),
        ("Empresas9.zip", Table.COMPANIES),
        ("k3241.k03200y5.d10612.estabele", Table.ESTABLISHMENTS),
        ("Estabelecimentos0", Table.ESTABLISHMENTS),
        ("Socios3.zip", Table.PARTNERS),
        ("F.K03200$W.SIMPLES.CSV.D10612", Table.SIMPLES),
        ("F.K03200$Z.D10612.CNAECSV", Table.ACTIVITIES),
        ("Motivos.zip", Table.REASONS),
        ("F.K03200$Z.D10612.MUNICCSV", Table.MUNICIPALITIES),
        ("Naturezas.zip", Table.LEGAL_NATURES),
        ("Paises.zip", Table.COUNTRIES),
        ("Qualificacoes.zip", Table.QUALIFICATIONS),
        ("F.K03200$Z.D10612.QUALSCSV", Table.QUALIFICATIONS),
        ("Lucro Real.zip", None),
        ("notes.csv", None),
    ],
)
def test_the_type_part_of_a_name_decides(name: str, table: Table | None) -> None:
    assert table is table_of(name)


def test_hidden_files_and_documents_are_left_alone(register: Path) -> None:
    (register / "._K3241.K03200Y0.D61114.ESTABELE").write_bytes(b"resource fork")
    (register / "README.ESTABELE.txt").write_bytes(b"about")
    assert {
        Table.COMPANIES: 2, Table.ESTABLISHMENTS: 2, Table.PARTNERS: 1, Table.SIMPLES: 1, Table.REASONS: 1,
    } == {table: len(files) for table, files in find_files(register).items() if files}  # fmt: skip


def test_a_file_that_vanished_is_one_sentence(tmp_path: Path) -> None:
    gone = RegisterFile(Table.PARTNERS, tmp_path / "Socios0", None, 1)
    with pytest.raises(UnreadableInput, match="Socios0 cannot be read: No such file"), opened(gone):
        pass
