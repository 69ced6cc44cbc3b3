"""What jobs rely on, of a directory and of a bucket alike."""

import os
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bureau.durable import staged
from bureau.errors import InvalidArgument, StorageUnavailable
from bureau.storage.folder import PIECE_BYTES, Folder, Storage
from bureau.storage.local import LocalStorage
from bureau.storage.objects import CONNECT_SECONDS, ObjectStorage

KINDS = ["local", pytest.param("objects", marks=pytest.mark.acceptance)]
LARGE = 11 << 20  # more than one part of an upload, and no whole number of pieces


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "jobs")
    return ObjectStorage(request.getfixturevalue("object_server").url(), tmp_path / "scratch")


@pytest.fixture
def folder(storage: Storage) -> Folder:
    receive(storage, "job_1", b"uploaded")
    return storage.folder("job_1")


def receive(storage: Storage, job: str, content: bytes) -> None:
    receiving = storage.receiving(job, "upload")
    receiving.write(content)
    receiving.keep()
    receiving.drop()


def write(folder: Folder, name: str, content: bytes, within: str = "") -> None:
    with folder.written(within) as directory, staged(directory / name) as partial:
        partial.write_bytes(content)


def read(folder: Folder, name: str) -> bytes:
    return b"".join(folder.pieces(name))


def content_of(size: int) -> bytes:
    return bytes(range(251)) * (size // 251) + b"." * (size % 251)


@pytest.mark.parametrize("size", [0, 1, LARGE])
def test_what_was_written_is_read_whole_and_in_part(folder: Folder, size: int) -> None:
    content = content_of(size)
    write(folder, "results.csv", content)
    found = folder.found("results.csv")
    assert found
    assert size == found.size
    assert content == read(folder, "results.csv")
    with folder.fetched("results.csv") as path:
        assert content == path.read_bytes()
    for start, length in ((0, 1), (size // 2, 3), (size - 1, 9), (0, 0)):
        if 0 <= start < size:
            assert content[start : start + length] == b"".join(folder.pieces("results.csv", start, length))
    assert all(len(piece) <= PIECE_BYTES for piece in folder.pieces("results.csv"))


def test_an_upload_is_there_once_it_is_kept(storage: Storage) -> None:
    receiving = storage.receiving("job_2", "upload")
    for piece in (b"a" * 3, bytearray(b"b" * LARGE), b"c"):
        receiving.write(piece)
    assert storage.folder("job_2").found("upload") is None
    assert [] == storage.folders()
    receiving.keep()
    receiving.drop()
    assert b"aaa" + b"b" * LARGE + b"c" == read(storage.folder("job_2"), "upload")
    assert ["job_2"] == storage.folders()


def test_an_upload_that_was_given_up_leaves_nothing(storage: Storage) -> None:
    receiving = storage.receiving("job_2", "upload")
    receiving.write(b"half")
    receiving.drop()
    assert ([], None) == (storage.folders(), storage.folder("job_2").found("upload"))


def test_what_is_not_there(folder: Folder) -> None:
    assert folder.found("nothing") is None
    assert folder.found("parts") is None
    for reading in (folder.opened, folder.fetched):
        with pytest.raises(FileNotFoundError), reading("nothing"):
            pass
    with pytest.raises(FileNotFoundError):
        read(folder, "nothing")
    folder.remove("nothing")


def test_a_file_that_could_not_be_finished_is_not_there_and_what_stood_is(folder: Folder) -> None:
    write(folder, "results.csv", b"before")

    def fail(directory: Path) -> None:
        with staged(directory / "results.csv") as partial:
            partial.write_bytes(b"half")
            raise LookupError

    with pytest.raises(LookupError), folder.written() as directory:
        fail(directory)
    assert b"before" == read(folder, "results.csv")


def test_the_last_file_says_that_all_are_there(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sudden(Exception): ...

    def die(path: str) -> None:
        if path.endswith("table.json"):
            raise Sudden

    system = getattr(folder, "_system", None)
    if type(folder).__name__ == "ObjectFolder":
        monkeypatch.setattr(folder, "_system", Dying(system, die))
    with suppress(Sudden), folder.written(last="table.json") as directory:
        for name in ("table.json", "upload.arrow"):  # the last one first, here
            with staged(directory / name) as partial:
                partial.write_bytes(b"x")
    monkeypatch.undo()
    assert folder.found("upload.arrow")


class Dying:
    """A file system that fails before certain files are begun."""

    def __init__(self, system: Any, die: Callable[[str], None]) -> None:
        self._system = system
        self._die = die

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    def open_output_stream(self, path: str) -> Any:
        self._die(path)
        return self._system.open_output_stream(path)


def test_removed_one_by_one_or_together(storage: Storage, folder: Folder) -> None:
    write(folder, "1.arrow", b"one", within="parts")
    write(folder, "2.arrow", b"two", within="parts")
    write(folder, "results.csv", b"all")
    folder.remove("parts/1.arrow")
    assert (None, b"two") == (folder.found("parts/1.arrow"), read(folder, "parts/2.arrow"))
    folder.remove("parts")
    assert (None, b"all") == (folder.found("parts/2.arrow"), read(folder, "results.csv"))
    folder.remove()
    folder.remove()
    assert ([], None) == (storage.folders(), folder.found("results.csv"))


def test_a_folder_knows_when_it_was_written(storage: Storage, folder: Folder) -> None:
    del folder
    changed_at = storage.changed_at("job_1")
    assert changed_at is not None
    assert abs(changed_at - time.time()) < 60
    assert storage.changed_at("job_9") is None


def test_a_tag_changes_with_the_file(folder: Folder) -> None:
    write(folder, "results.csv", b"one")
    before, again = folder.found("results.csv"), folder.found("results.csv")
    write(folder, "results.csv", b"longer")
    assert before == again != folder.found("results.csv")


def test_one_batch_is_read_at_random_and_by_another_process(folder: Folder) -> None:
    batches = [pa.record_batch({"n": [n] * 1000}) for n in range(50)]
    with (
        folder.written() as directory,
        staged(directory / "rows.arrow") as partial,
        pa.OSFile(str(partial), "wb") as file,
        pa.ipc.new_file(file, batches[0].schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    there = pickle.loads(pickle.dumps(folder))  # noqa: S301  # as for a worker's child
    with there.opened("rows.arrow") as source:
        assert batches[37].equals(pa.ipc.open_file(source).get_batch(37))


def test_strays_of_the_dead_are_removed_when_they_are_old(tmp_path: Path) -> None:
    for storage, strays in (
        (LocalStorage(tmp_path), tmp_path / "incoming"),
        (ObjectStorage(NOWHERE, tmp_path / "scratch"), tmp_path / "scratch"),
    ):
        for name, at in (("old", 0), ("young", time.time())):
            (strays / name).mkdir(parents=True)
            os.utime(strays / name, (at, at))
        storage.remove_strays(time.time() - 3600)
        assert ["young"] == [path.name for path in strays.iterdir()]


NOWHERE = "s3://bucket/jobs?region=x&scheme=http&endpoint_override=127.0.0.1:9"  # discard: nobody listens


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("/srv/jobs", "expected s3://bucket/prefix"),
        ("gs://bucket/jobs", "expected s3://bucket/prefix"),
        ("s3:///jobs", "expected s3://bucket/prefix"),
        ("s3://[bucket/jobs", "expected s3://bucket/prefix"),
        ("s3://key:hidden@bucket/jobs", "without credentials"),
        ("s3://host:9000/bucket", "endpoint_override=host:port"),
        ("s3://bucket?access_key=hidden", "its options are region,"),
        ("s3://bucket?region=a&region=b", "each once"),
        ("s3://bucket?region=", "each once"),
        ("s3://bucket?region", "expected s3://bucket/prefix"),
        ("s3://bucket?scheme=ftp", "http or https"),
    ],
)
def test_a_url_that_cannot_be_is_one_sentence_without_secrets(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(InvalidArgument, match="BUREAU_FILES_URL") as caught:
        ObjectStorage(url, tmp_path)
    assert why in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_server_that_is_not_there_is_said_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "hidden")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    storage, began = ObjectStorage(NOWHERE, tmp_path), time.monotonic()
    for asking in (storage.check, storage.folders, lambda: receive(storage, "job_1", b"x")):
        with pytest.raises(StorageUnavailable, match="cannot be reached") as caught:
            asking()
        assert "hidden" not in str(caught.value)
    assert time.monotonic() - began < 9 * CONNECT_SECONDS


@pytest.mark.acceptance
def test_the_bucket_is_looked_at_before_work_begins(object_server: Any, tmp_path: Path) -> None:
    ObjectStorage(object_server.url(""), tmp_path).check()
    ObjectStorage(object_server.url("/a/b/"), tmp_path).check()
    with pytest.raises(InvalidArgument, match="no such bucket"):
        ObjectStorage(object_server.url_of("nobodys-bucket"), tmp_path).check()
