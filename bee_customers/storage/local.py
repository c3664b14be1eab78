"""Files in a directory of this machine, or of a disk that several machines mount."""

import datetime
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bee_customers.errors import FileNotStored, StorageUnavailable
from bee_customers.storage.protocol import OpenFile, StoredFile, check_key, check_prefix

_PIECE_BYTES = 65_536
# no key begins with a dot, so nothing here is ever taken for a stored file
_UNFINISHED = ".unfinished"
_UNFINISHED_SECONDS = 3600


class LocalStorage:
    """Only the service's own user can read the directory; it is made at the first file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unfinished = root / _UNFINISHED
        self._forget_unfinished()

    def put(self, key: str, content: bytes, media_type: str) -> None:
        self._put(key, [content])

    def put_file(self, key: str, file: BinaryIO, media_type: str) -> None:
        self._put(key, iter(partial(file.read, _PIECE_BYTES), b""))

    def open(self, key: str) -> OpenFile:
        path = self._path(key)
        with _translated():
            try:
                file = path.open("rb")
            except FileNotFoundError:
                raise FileNotStored("no such file") from None
        return OpenFile(os.fstat(file.fileno()).st_size, _pieces(file), file.close)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _translated(), suppress(FileNotFoundError):
            path.unlink()

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def list(self, prefix: str) -> Iterator[StoredFile]:
        for directory, names, files in os.walk(self._root / check_prefix(prefix)):
            names[:] = [name for name in names if not name.startswith(".")]
            for name in files:
                path = Path(directory, name)
                # another process may remove a file while we walk
                with suppress(FileNotFoundError):
                    yield self._describe(path)

    def public_url(self, key: str) -> str | None:
        return None

    def _put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Written aside, flushed to the disk and renamed: after a crash the file is whole or not there."""
        path = self._path(key)
        with _translated():
            _make_directory(self._unfinished)
            _make_directory(path.parent)
            aside = self._unfinished / secrets.token_hex(16)
            try:
                _write(aside, pieces)
                aside.replace(path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
            _flush_directory(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _describe(self, path: Path) -> StoredFile:
        status = path.stat()
        modified_at = datetime.datetime.fromtimestamp(status.st_mtime, datetime.UTC)
        return StoredFile(path.relative_to(self._root).as_posix(), status.st_size, modified_at)

    def _forget_unfinished(self) -> None:
        """Remove what writers that were killed left behind; a living one is done within the hour."""
        for path in self._unfinished.glob("*"):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - _UNFINISHED_SECONDS:
                    path.unlink()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the storage directory refuses: {error.strerror}") from error


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _make_directory(path: Path) -> None:
    """With its parents. mkdir's own mode would reach only the last of them."""
    if not path.is_dir():
        _make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
        _flush_directory(path.parent)


def _flush_directory(path: Path) -> None:
    """A rename or a new name is safe once the directory that holds it is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, _PIECE_BYTES), b"")
