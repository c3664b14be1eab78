"""A ZIP that is written piece by piece, and whose last file tells the digests of all others."""

import contextlib
import datetime
import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Self

import orjson

from bee_customers.errors import StorageUnavailable

MANIFEST = "manifest.json"
# Names are made here and by stores, never by a caller: relative, without dots in front, in letters that every
# system's file names may have.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*\.[a-z]{3,4}")
_PACKED_ALREADY = (".webp",)


class Archive:
    """Files are added one after the other; `finish` adds the last one, whose absence tells what is not whole."""

    def __init__(self, file: BinaryIO, made_at: datetime.datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._made_at = made_at
        self._files: list[dict[str, Any]] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Raises ValueError for a name that is not safe, and StorageUnavailable when the disk refuses."""
        if not _NAME.fullmatch(name):
            raise ValueError("not a name for a file of an archive")
        digest, size = hashlib.sha256(), 0
        with _translated(), self._zip.open(self._entry(name), "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                digest.update(piece)
                size += len(piece)
        self._files.append({"name": name, "size": size, "sha256": digest.hexdigest()})

    def finish(self, about: dict[str, Any]) -> None:
        """Write the manifest, with what else it is to tell."""
        manifest = {**about, "files": list(self._files)}
        self.add(MANIFEST, [orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)])
        with _translated():
            self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # else zipfile tries to finish it when it is thrown away, on a file that may be closed by then
        with contextlib.suppress(OSError):
            self._zip.close()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._made_at.timetuple()[:6])
        entry.external_attr = 0o600 << 16
        entry.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
        return entry


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the disk for temporary files refuses: {error.strerror}") from error
