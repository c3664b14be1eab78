"""The lines of a file to import: plain, packed or from stdin; never more in memory than one row."""

import codecs
import contextlib
import gzip
import hashlib
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from bee_customers.errors import UnreadableFile
from bee_customers.services.imports.row import printable
from bee_customers.services.imports.streams import waited_for

# What is longer is no row: a quote was left open, or the file is of another kind.
ROW_MOST = 1_000_000
HEAD = 65_536
STDIN = "-"
_PACKED = b"\x1f\x8b"
_OTHER_ENCODINGS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_FAULTS = (EOFError, zlib.error, gzip.BadGzipFile, OSError)


class Source:
    """Gives the lines as text and remembers where it is: `line`, `position` in bytes (unpacked), `digest` of them.

    What is not UTF-8 comes as lone surrogates, which no rule takes: the row is refused and its bytes can be
    written again as they were. Raises UnreadableFile.
    """

    def __init__(self, stream: IO[bytes], name: str, packed: IO[bytes] | None = None) -> None:
        self.name = name
        self.line = 0
        self.position = 0
        self._packed = packed or stream
        self._head = _read(stream, HEAD, name)
        self._stream = io.BufferedReader(_Joined(self._head, stream), 1 << 18)
        self._digest = hashlib.sha256()
        self._row: list[bytes] = []
        self._row_bytes = 0

    @property
    def fingerprint(self) -> str:
        """Of the beginning: tells files apart before all of one is read."""
        return hashlib.sha256(self._head).hexdigest()

    @property
    def digest(self) -> str:
        """Of all that was taken so far."""
        return self._digest.hexdigest()

    @property
    def begins_with(self) -> bytes:
        return self._head.removeprefix(codecs.BOM_UTF8).lstrip()[:1]

    @property
    def ends_lines_by_cr(self) -> bool:
        """As old Macintosh files do: all of it would be one line."""
        return b"\r" in self._head.rstrip() and b"\n" not in self._head

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = self._line()
        self.line += 1
        self._row.append(raw)
        if self.line == 1:
            raw = self._without_mark(raw)
        return raw.decode("utf-8", "surrogateescape")

    def take(self) -> bytes:
        """The bytes of the lines given since the last call: those of one row."""
        raw = self._row[0] if len(self._row) == 1 else b"".join(self._row)
        self._row.clear()
        self._row_bytes = 0
        self.position += len(raw)
        self._digest.update(raw)
        return raw

    def skip_to(self, position: int, line: int, digest: str) -> None:
        """Go on behind what an earlier run took; raises UnreadableFile where the file is another up to there."""
        if not self.is_same_up_to(position, digest):
            raise UnreadableFile(f"{self.name}: its first {line:,} lines are not those that were imported before")
        self.line = line

    def is_same_up_to(self, position: int, digest: str) -> bool:
        """Go on to that position, which must not lie behind; whether the bytes before it have this digest."""
        while self.position < position:
            raw = self._guarded(min(1 << 20, position - self.position), self._stream.read)
            if not raw:
                break
            self.position += len(raw)
            self._digest.update(raw)
        return (self.position, self.digest) == (position, digest)

    def is_at_end(self) -> bool:
        return not self._guarded(1, self._stream.peek)

    def bytes_read(self) -> int:
        """How much of the file as it lies on the disk."""
        try:
            return self._packed.tell()
        except (OSError, ValueError):
            return self.position

    def _line(self) -> bytes:
        raw = self._guarded(ROW_MOST, self._stream.readline, f", line {self.line + 1:,}")
        if not raw:
            raise StopIteration
        self._row_bytes += len(raw)
        if self._row_bytes >= ROW_MOST:
            begin = self.line - len(self._row) + 1
            raise UnreadableFile(
                f"{self.name}, line {begin:,}: a row of more than {ROW_MOST:,} bytes; is a quote left open?"
            )
        return raw

    def _guarded(self, size: int, read: Any, where: str = "") -> bytes:
        try:
            raw: bytes = read(size)
        except _FAULTS as error:
            raise UnreadableFile(f"{self.name}{where}: cannot be read any further: {_reason(error)}") from None
        return raw

    def _without_mark(self, raw: bytes) -> bytes:
        for mark, encoding in _OTHER_ENCODINGS.items():
            if raw.startswith(mark):
                raise UnreadableFile(f"{self.name}, line 1: the file is {encoding}: save it as UTF-8")
        return raw.removeprefix(codecs.BOM_UTF8)


class _Joined(io.RawIOBase):
    """What was read already, and then the rest."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        # of a stream what is there: whoever writes it may take their time
        self._read_rest = getattr(rest, "read1", rest.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._head:
            part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            part = self._read_rest(len(buffer))
        buffer[: len(part)] = part
        return len(part)


@contextlib.contextmanager
def opened(path: str, is_asked_to_stop: Callable[[], bool] = lambda: False) -> Iterator[Source]:
    """A file by its path, `-` for stdin; gzip is recognised by how it begins.

    Raises UnreadableFile, and StoppedWaiting where a stream is waited for when it is asked to stop.
    """
    name = name_of(path)
    with contextlib.ExitStack() as stack:
        packed: Any = _stdin() if path == STDIN else stack.enter_context(_open(path, name))
        if not is_stored(path):
            packed = waited_for(packed, is_asked_to_stop)
        begin = _read(packed, len(_PACKED), name)
        stream: Any = io.BufferedReader(_Joined(begin, packed))
        if begin == _PACKED:
            stream = stack.enter_context(gzip.open(stream))
        yield Source(stream, name, packed)


def name_of(path: str) -> str:
    """What a file is called in messages."""
    if path == STDIN:
        return "stdin"
    name = os.path.basename(path.rstrip("/")) or path or "''"
    return printable(os.fsencode(name).decode("utf-8", "backslashreplace"))


def is_stored(path: str) -> bool:
    """Whether it can be read more than once."""
    return path != STDIN and os.path.isfile(path)


def size_of(path: str) -> int | None:
    """In bytes; None where nobody can tell."""
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None
    except OSError:
        return None


def _stdin() -> IO[bytes]:
    if sys.stdin is None:
        raise UnreadableFile("stdin: is closed")
    return sys.stdin.buffer


def _open(path: str, name: str) -> IO[bytes]:
    try:
        return open(path, "rb", opener=_opened_at_once)
    except OSError as error:
        raise UnreadableFile(f"{name}: {_reason(error)}") from None


def _opened_at_once(path: str, flags: int) -> int:
    """Not when somebody comes to write, where the path is a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _read(stream: IO[bytes], size: int, name: str) -> bytes:
    parts, missing = [], size
    try:
        while missing and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
    except _FAULTS as error:
        raise UnreadableFile(f"{name}: {_reason(error)}") from None
    return b"".join(parts)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the gzip data is damaged or cut short"
