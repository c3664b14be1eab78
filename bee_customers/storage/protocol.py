"""What every place for files can do. Keys look like `avatars/ab/name.webp`, whatever the place."""

import dataclasses
import datetime
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

KEY_MOST = 500
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


@dataclasses.dataclass(frozen=True)
class StoredFile:
    key: str
    size: int
    modified_at: datetime.datetime


@dataclasses.dataclass
class OpenFile:
    """A file being read: its size, and its content in pieces. Close it, or hand it to who does."""

    size: int
    _pieces: Iterator[bytes]
    _close: Callable[[], None]

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self._close()


class Storage(Protocol):
    """Every method raises StorageUnavailable when the place cannot be reached or refuses."""

    def put(self, key: str, content: bytes, media_type: str) -> None:
        """Store the whole file or nothing of it; one that is there already is replaced."""

    def put_file(self, key: str, file: BinaryIO, media_type: str) -> None:
        """The same from an open file, in pieces, from where it stands to its end; for what one person may see."""

    def open(self, key: str) -> OpenFile:
        """Raises FileNotStored where there is none."""

    def delete(self, key: str) -> None:
        """Also when there is none."""

    def exists(self, key: str) -> bool:
        """Whether the file is there, whole."""

    def list(self, prefix: str) -> Iterator[StoredFile]:
        """The files whose keys begin with `prefix`, which is empty or ends with a slash; in any order."""

    def public_url(self, key: str) -> str | None:
        """Where anyone can read the file without asking us; None where there is no such address."""


def check_key(key: str) -> str:
    """Keys are made by the service and never by a caller: a bad one, as with `..`, is a ValueError."""
    if len(key) > KEY_MOST or not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key


def check_prefix(prefix: str) -> str:
    if prefix and not (prefix.endswith("/") and check_key(prefix[:-1])):
        raise ValueError("not a prefix of storage keys")
    return prefix
