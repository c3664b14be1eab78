"""What every place for files has to do: one suite, run on each of them."""

import datetime
import io
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest

from bee_customers.errors import FileNotStored, InvalidSetting, StorageUnavailable
from bee_customers.settings import load
from bee_customers.storage.connect import connect
from bee_customers.storage.local import LocalStorage
from bee_customers.storage.protocol import Storage
from bee_customers.storage.s3 import S3Storage
from tests.s3 import S3Server

KEY = "avatars/ab/some-name_1.webp"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.client_environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.new_bucket()


@pytest.fixture(params=["local", "s3", "s3 with a prefix"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "deep" / "files")
    bucket: str = request.getfixturevalue("bucket")
    return S3Storage(bucket, "some/prefix" if "prefix" in request.param else "")


def content(storage: Storage, key: str) -> bytes:
    with closing(storage.open(key)) as file:
        whole = b"".join(file)
        assert file.size == len(whole)
    return whole


@pytest.mark.parametrize("size", [0, 1, 65_536, 3_000_000])
def test_what_was_put_is_read_in_pieces(storage: Storage, size: int) -> None:
    given = bytes(range(256)) * (size // 256) + b"\0" * (size % 256)
    storage.put(KEY, given, "image/webp")
    assert content(storage, KEY) == given
    assert storage.exists(KEY)


def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    storage.put(KEY, b"a longer first one", "image/webp")
    storage.put(KEY, b"second", "image/webp")
    assert content(storage, KEY) == b"second"


@pytest.mark.parametrize("size", [0, 65_537, 12_000_000])
def test_an_open_file_is_put_from_where_it_stands(storage: Storage, size: int) -> None:
    given = b"head" + bytes(range(256)) * (size // 256) + b"\0" * (size % 256)
    file = io.BytesIO(given)
    file.seek(4)
    storage.put_file("exports/ab/some-name_1.zip", file, "application/zip")
    assert content(storage, "exports/ab/some-name_1.zip") == given[4:]
    storage.put_file("exports/ab/some-name_1.zip", io.BytesIO(b"another"), "application/zip")
    assert content(storage, "exports/ab/some-name_1.zip") == b"another"


def test_a_file_that_cannot_be_read_to_its_end_is_not_stored(storage: Storage) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(StorageUnavailable):
        storage.put_file(KEY, Broken(bytes(7_000_000)), "application/zip")
    assert not storage.exists(KEY)


def test_what_is_not_there_cannot_be_read(storage: Storage) -> None:
    with pytest.raises(FileNotStored):
        storage.open(KEY)
    assert not storage.exists(KEY)


def test_a_directory_is_no_file(storage: Storage) -> None:
    storage.put(KEY, b"x", "image/webp")
    assert not storage.exists("avatars/ab")
    with pytest.raises((FileNotStored, StorageUnavailable)):
        storage.open("avatars/ab")


def test_delete_removes_and_may_be_repeated(storage: Storage) -> None:
    storage.put(KEY, b"x", "image/webp")
    storage.delete(KEY)
    storage.delete(KEY)
    assert not storage.exists(KEY)


def test_list_tells_key_size_and_time(storage: Storage) -> None:
    for key in (KEY, "avatars/cd/other.webp", "exports/one.zip"):
        storage.put(key, key.encode(), "image/webp")
    found = {file.key: file for file in storage.list("avatars/")}
    assert set(found) == {KEY, "avatars/cd/other.webp"}
    assert found[KEY].size == len(KEY)
    assert abs(datetime.datetime.now(datetime.UTC) - found[KEY].modified_at) < datetime.timedelta(minutes=5)
    assert {file.key for file in storage.list("")} == {*found, "exports/one.zip"}
    assert list(storage.list("none/")) == []


def test_a_file_can_go_while_the_list_is_walked(storage: Storage) -> None:
    for number in range(5):
        storage.put(f"avatars/ab/{number}.webp", b"x", "image/webp")
    for file in storage.list("avatars/"):
        storage.delete(file.key)
    assert list(storage.list("avatars/")) == []


BAD_KEYS = [
    "",
    "/etc/passwd",
    "../x",
    "a/../b",
    "a/./b",
    "a//b",
    "a/",
    ".hidden",
    "a/.b",
    "a\0b",
    "a b",
    "é",
    "a\n",
]
NAMES = ("open", "delete", "exists")


@pytest.mark.parametrize("key", [*BAD_KEYS, "a" * 501])
def test_a_bad_key_is_refused_by_every_method(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put(key, b"", "")
    with pytest.raises(ValueError, match="not a storage key"):
        storage.put_file(key, io.BytesIO(), "")
    for name in NAMES:
        with pytest.raises(ValueError, match="not a storage key"):
            getattr(storage, name)(key)


@pytest.mark.parametrize("prefix", ["..", "../", "/", "a", "a/../"])
def test_a_bad_prefix_is_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        list(storage.list(prefix))


def test_readers_see_a_whole_file_while_writers_replace_it(storage: Storage) -> None:
    versions = [bytes([number]) * 200_000 for number in range(4)]
    storage.put(KEY, versions[0], "image/webp")
    writers = [threading.Thread(target=storage.put, args=(KEY, data, "image/webp")) for data in versions]
    for writer in writers:
        writer.start()
    for _ in range(10):
        assert content(storage, KEY) in versions
    for writer in writers:
        writer.join()


def test_a_local_file_is_for_the_service_alone(tmp_path: Path) -> None:
    root = tmp_path / "files"
    LocalStorage(root).put(KEY, b"x", "image/webp")
    modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert modes == {"avatars": 0o700, "avatars/ab": 0o700, KEY: 0o600, ".unfinished": 0o700}
    assert root.stat().st_mode & 0o777 == 0o700


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    (tmp_path / "avatars").write_bytes(b"a file where a directory should be")
    with pytest.raises(StorageUnavailable):
        storage.put(KEY, b"x", "image/webp")
    assert list((tmp_path / ".unfinished").glob("*")) == []


def test_what_a_killed_writer_left_is_forgotten_at_the_next_start(tmp_path: Path) -> None:
    unfinished = tmp_path / ".unfinished"
    unfinished.mkdir()
    for name, age in (("old", 7200), ("new", 0)):
        (unfinished / name).touch()
        os.utime(unfinished / name, (os.stat(unfinished).st_mtime - age,) * 2)
    storage = LocalStorage(tmp_path)
    assert [path.name for path in unfinished.glob("*")] == ["new"]
    assert list(storage.list("")) == []


def test_only_a_bucket_has_an_address_of_its_own(storage: Storage, s3_server: S3Server) -> None:
    storage.put(KEY, b"x", "image/webp")
    address = storage.public_url(KEY)
    if isinstance(storage, LocalStorage):
        assert address is None
        return
    assert address is not None
    assert address.startswith(f"{s3_server.url}/")
    with urlopen(address, timeout=10) as reply:
        assert (reply.read(), reply.headers["Content-Type"]) == (b"x", "image/webp")
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_bucket_says_that_nobody_may_keep_a_file_for_one_person(storage: Storage) -> None:
    storage.put_file(KEY, io.BytesIO(b"x"), "application/zip")
    address = storage.public_url(KEY)
    if address is not None:
        with urlopen(address, timeout=10) as reply:
            assert reply.headers["Cache-Control"] == "private, no-store"
            assert reply.headers["Content-Type"] == "application/zip"


def test_at_amazon_a_bucket_answers_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert S3Storage("bees").public_url(KEY) == f"https://bees.s3.eu-central-1.amazonaws.com/{KEY}"


def test_a_bucket_that_is_not_there_is_an_unavailable_storage(bucket: str) -> None:
    with pytest.raises(StorageUnavailable):
        S3Storage(f"{bucket}-not-there").put(KEY, b"x", "image/webp")


def test_a_server_that_is_not_there_is_an_unavailable_storage(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name in NAMES:
        with pytest.raises(StorageUnavailable):
            getattr(S3Storage(bucket), name)(KEY)


def test_the_setting_chooses(tmp_path: Path, bucket: str) -> None:
    relative = connect(load({"storage_url": "file://var/files"}, {}), tmp_path)
    relative.put(KEY, b"x", "image/webp")
    assert (tmp_path / "var/files" / KEY).is_file()
    absolute = connect(load({"storage_url": f"file://{tmp_path}/elsewhere/"}, {}), Path("/nowhere"))
    absolute.put(KEY, b"x", "image/webp")
    assert (tmp_path / "elsewhere" / KEY).is_file()
    in_bucket = connect(load({"storage_url": f"s3://{bucket}/a/b"}, {}), tmp_path)
    assert str(in_bucket.public_url(KEY)).endswith(f"/{bucket}/a/b/{KEY}")


@pytest.mark.parametrize(
    "url", ["", "var/files", "file://", "file:///", "s3://", "s3://A_B", "s3://bees?x=1", "http://x"]
)
def test_a_wrong_setting_stops_the_start(url: str) -> None:
    with pytest.raises(InvalidSetting, match="STORAGE_URL"):
        load({}, {"STORAGE_URL": url})
