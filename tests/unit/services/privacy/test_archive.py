"""A ZIP that tells the digest of each of its files, under names that are safe to unpack."""

import datetime
import hashlib
import io
import json
import os
import stat
import zipfile

import pytest

from bee_customers.errors import StorageUnavailable
from bee_customers.services.privacy.archive import MANIFEST, Archive

NOW = datetime.datetime(2026, 3, 1, 8, 15, 6, tzinfo=datetime.UTC)


def written(files, about=None):
    file = io.BytesIO()
    with Archive(file, NOW) as archive:
        for name, pieces in files.items():
            archive.add(name, iter(pieces))
        archive.finish(about or {})
    return zipfile.ZipFile(file)


def test_the_manifest_tells_size_and_digest_of_every_other_file():
    files = {"index.html": [b"a", b"", b"bc"], "data/customer.json": [], "avatars/a-1.webp": [bytes(100_000)]}
    opened = written(files, {"made_at": NOW})
    manifest = json.loads(opened.read(MANIFEST))
    assert opened.namelist() == [*files, MANIFEST]
    assert manifest["made_at"] == "2026-03-01T08:15:06Z"
    assert [told["name"] for told in manifest["files"]] == list(files)
    for told in manifest["files"]:
        content = opened.read(told["name"])
        assert content == b"".join(files[told["name"]])
        assert (told["size"], told["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_files_are_plain_and_for_their_owner_alone():
    for entry in written({"index.html": [b"x"]}).infolist():
        assert stat.S_IMODE(entry.external_attr >> 16) == 0o600
        assert entry.date_time == (2026, 3, 1, 8, 15, 6)
        assert not entry.is_dir()


NAMES = [
    "../x.txt",
    "/etc/passwd.txt",
    "a/../b.txt",
    "a//b.txt",
    "C:x.txt",
    "a\\b.txt",
    ".hidden.txt",
    "a b.txt",
    "é.txt",
    "x",
    "x.",
    "x.txt\n",
    "x\0.txt",
    "CON.txt",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_other_name_is_taken(name):
    with pytest.raises(ValueError, match="not a name"):
        written({name: [b""]})


def test_a_disk_that_is_full_is_named():
    class Full(io.BytesIO):
        def write(self, content):
            if self.tell() + len(content) > 1000:
                raise OSError(28, "No space left on device")
            return super().write(content)

    with Archive(Full(), NOW) as archive, pytest.raises(StorageUnavailable, match="No space left"):
        archive.add("data/x.json", [os.urandom(10_000)])


def test_an_archive_that_was_given_up_is_not_taken_for_a_whole_one():
    file = io.BytesIO()
    with Archive(file, NOW) as archive:
        archive.add("index.html", [b"x"])
    assert MANIFEST not in zipfile.ZipFile(file).namelist()
