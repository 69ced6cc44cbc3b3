"""A small register in the published layout, its tables joined; every company and person is invented."""

import zipfile
from pathlib import Path

import pytest

COMPANIES = [
    ("11222333", "PADARIA SÃO JOÃO LTDA", "2062", "49", "10000,00", "01", ""),
    ("12345678", "ANA LIMA 52998224725", "2135", "50", "1000,00", "01", ""),
    ("41330504", "41.330.504 RUI DIAS", "2135", "50", "1000,00", "01", ""),
    ("12ABC345", "A & B S/A", "9999", "10", "1061004829,23", "05", ""),
    ("99999999", "WITHOUT ESTABLISHMENT LTDA", "2062", "49", "0,00", "00", ""),
]


def establishment(root: str, order: str = "0001", **cells: str) -> tuple[str, ...]:
    """One row of 30 cells; a head office in São Paulo unless said otherwise."""
    row = {
        **{"root": root, "order": order, "check": "00", "head": "1", "trade_name": "", "status": "02"},
        **{"status_on": "20200101", "reason": "00", "city_abroad": "", "country": "", "opened_on": "20100203"},
        **{"activity": "1091102", "other": "4721102,5611203", "street_type": "RUA", "street": "AUGUSTA"},
        **{"number": "10", "complement": "", "district": "CENTRO", "postal_code": "01310100", "state": "SP"},
        **{"municipality": "7107", "area_1": "", "phone_1": "", "area_2": "", "phone_2": "", "area_fax": ""},
        **{"fax": "", "email": "", "special": "", "special_on": ""},
    }
    assert cells.keys() <= row.keys()
    return tuple({**row, **cells}.values())


ESTABLISHMENTS = [
    establishment(
        "11222333", trade_name="PAO & CIA", area_1="011", phone_1="87654321", area_2="0", phone_2="0",
        complement="LOTE 01;QUADRA 73", email="PADARIA@SHOP.EXAMPLE", number="S/N", postal_code="1310100",
    ),
    establishment("11222333", "0002", head="2", status="08", status_on="20150506", area_1="11", phone_1="33334444"),
    establishment("12345678", status="08", status_on="41000101", opened_on="00000000"),
    establishment("41330504", status="77", reason="32", activity="0000001"),
    establishment("12ABC345", "01DE", state="EX", municipality="9707", country="X99", postal_code="XY12"),
    establishment("88888888", trade_name="ORPHAN 52998224725", street_type="", street=""),
    establishment("1234$678"),
]  # fmt: skip

PARTNERS = [
    ("11222333", "2", "JOÃO DA SILVA", "***982247**", "49", "20100203", "", "***000000**", "", "00", "5"),
    ("11222333", "2", "JOÃO DA SILVA", "***982247**", "22", "20110203", "", "***000000**", "", "00", "5"),
    ("11222333", "1", "3M & FILHOS LTDA", "11222333000181", "36", "00000000", "", "***000000**", "", "00", "0"),
    ("12ABC345", "3", "JOHN DOE", "", "10", "20200229", "X99", "***000000**", "", "00", "0"),
    ("12345678", "2", "RITA", "***000000**", "49", "2020", "", "***000000**", "", "00", "9"),
]
SIMPLES = [("11222333", "S", "20100203", "00000000", "N", "00000000", "00000000")]
REASONS = [("00", "SEM MOTIVO"), ("32", "NOVO MOTIVO")]


def written(rows: list[tuple[str, ...]]) -> bytes:
    return "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in rows).encode("latin-1")


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """The register as downloaded: zip archives with mainframe member names, one table already unpacked."""
    directory = tmp_path / "register"
    directory.mkdir()
    members = {
        "Empresas0.zip": ("K3241.K03200Y0.D61114.EMPRECSV", written(COMPANIES[:3])),
        "Empresas1.zip": ("K3241.K03200Y1.D61114.EMPRECSV", written(COMPANIES[3:])),
        "Estabelecimentos0.zip": ("K3241.K03200Y0.D61114.ESTABELE", written(ESTABLISHMENTS[:4])),
        "Estabelecimentos1.zip": ("K3241.K03200Y1.D61114.ESTABELE", written(ESTABLISHMENTS[4:])),
        "Simples.zip": ("F.K03200$W.SIMPLES.CSV.D61114", written(SIMPLES)),
        "Motivos.zip": ("F.K03200$Z.D61114.MOTICSV", written(REASONS)),
    }
    for archive, (member, data) in members.items():
        with zipfile.ZipFile(directory / archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(member, data)
    (directory / "K3241.K03200Y0.D61114.SOCIOCSV").write_bytes(written(PARTNERS))
    (directory / "LAYOUT_DOS_ESTABELECIMENTOS.pdf").write_bytes(b"%PDF no data")
    return directory
