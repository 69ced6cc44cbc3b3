import gzip
import io
import zipfile
from pathlib import Path

import pytest
import zstandard

from bureau.errors import OutputFailed, UnreadableInput
from bureau.intake.packed import Bounds, unpacked

TABLE = b"nome;cpf\nANA;1\n"


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def written(tmp_path: Path, data: bytes, name: str = "table.csv.gz") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        TABLE,
        gzip.compress(TABLE[:5]) + gzip.compress(TABLE[5:]),
        zstandard.compress(TABLE[:5]) + zstandard.compress(TABLE[5:]),
        zipped({"pasta/": b"", "pasta/clientes.csv": TABLE, "__MACOSX/._clientes.csv": b"x", ".DS_Store": b"x"}),
    ],
)
def test_what_is_packed_comes_out_and_is_cleared_away(tmp_path: Path, data: bytes) -> None:
    with unpacked(written(tmp_path, data), tmp_path) as plain:
        assert TABLE == plain.read_bytes()
    assert ["table.csv.gz"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (gzip.compress(TABLE * 9)[:-9], "damaged"),
        (zipped({"a.csv": TABLE * 9})[:-30], "damaged"),
        (zipped({"a.csv": TABLE}, zipfile.ZIP_STORED).replace(TABLE, TABLE.upper()), "damaged"),
        (b"\x28\xb5\x2f\xfdnot so", "damaged"),
        (zipped({"a.csv": TABLE, "b.csv": TABLE}), "holds 2 files"),
        (zipped({"a/": b""}), "holds 0 files"),
        (gzip.compress(gzip.compress(TABLE)), "packed twice"),
    ],
)
def test_what_cannot_be_unpacked_is_one_sentence(tmp_path: Path, data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableInput, match=reason), unpacked(written(tmp_path, data), tmp_path):
        pass
    assert ["table.csv.gz"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lambda data: zipped({"a": data})])
def test_a_bomb_is_stopped_long_before_the_disk_is_full(tmp_path: Path, pack: object) -> None:
    path = written(tmp_path, pack(b"\0" * (8 << 20)))  # type: ignore[operator]
    with pytest.raises(UnreadableInput, match="more than 1 MB"), unpacked(path, tmp_path, Bounds(1 << 40, 1 << 20, 20)):
        pass
    with pytest.raises(UnreadableInput, match="more than 2 MB"), unpacked(path, tmp_path, Bounds(2 << 20)):
        pass
    with unpacked(path, tmp_path) as plain:
        assert 8 << 20 == plain.stat().st_size


def test_an_encrypted_archive_is_one_sentence(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": TABLE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UnreadableInput, match="encrypted"), unpacked(written(tmp_path, bytes(data)), tmp_path):
        pass


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, gzip.compress(TABLE))
    original = Path.open

    def full(self: Path, mode: str = "r", *args: object, **kwargs: object) -> object:
        if mode == "wb":
            raise OSError(28, "No space left on device")
        return original(self, mode, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OutputFailed, match="No space left"), unpacked(path, tmp_path):
        pass
