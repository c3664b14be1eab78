"""What RFC 9112 forbids and waitress lets pass: where a proxy in front may read another request than we do."""

import re
from collections.abc import Callable
from typing import Any

from waitress.parser import ParsingError
from waitress.rfc7230 import CHUNK_EXT_RE, HEADER_FIELD_RE, ONLY_HEXDIG_RE
from waitress.utilities import BadRequest, RequestEntityTooLarge

# Of the lines between chunks: one with its extensions, and all trailers together.
LINE_BYTES_MOST = 1024
TRAILER_BYTES_MOST = 8192
# urlsplit drops tabs and the like from an address, so that a proxy's rules for it would not hold
_REQUEST_LINE = re.compile(rb"[!-~\x80-\xff]+ [!-~\x80-\xff]+ HTTP/1\.[01]")
_HOST = re.compile(r"([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def check_head(head: bytes) -> None:
    """Request line and headers as they came; raises ParsingError."""
    if not _REQUEST_LINE.fullmatch(head.partition(b"\r\n")[0]):
        raise ParsingError("The request line is none of HTTP/1.0 or 1.1")
    if b"\r\n " in head or b"\r\n\t" in head:
        raise ParsingError("A header goes on in the next line")


def check_host(host: str | None, version: str) -> None:
    """Raises ParsingError for none, for several (which are joined by commas) and for what is no host."""
    if (host is None and version == "1.1") or (host is not None and not _HOST.fullmatch(host)):
        raise ParsingError("One Host is needed")


def wants_to_close(connection: str) -> bool:
    """Whether `close` is among the options of a Connection header, and not only all of it (RFC 9110, 7.6.1)."""
    return "close" in (option.strip().lower() for option in connection.split(","))


class Chunks:
    """A body in chunks, in place of waitress's ChunkedReceiver.

    That one takes line feeds without a carriage return, and empty lines before a chunk. It also copies an
    unfinished line with every piece that comes, so one of some megabytes keeps all others waiting for seconds.
    """

    def __init__(self, buffer: Any, bytes_most: int) -> None:
        self.completed = False
        self.error: Exception | None = None
        self._buffer = buffer
        self._bytes_most = bytes_most
        self._data_left = 0
        self._trailer_left = TRAILER_BYTES_MOST
        self._line = b""
        self._take: Callable[[bytes], None] = self._begin_chunk

    def __len__(self) -> int:
        return len(self._buffer)

    def getfile(self) -> Any:
        return self._buffer.getfile()

    def getbuf(self) -> Any:
        return self._buffer

    def received(self, data: bytes) -> int:
        """How many bytes belong to this body; after an error all of them, for nobody can tell."""
        at = 0
        while at < len(data) and not self.completed and self.error is None:
            at = self._add_data(data, at) if self._data_left else self._add_line(data, at)
        return len(data) if self.error else at

    def _add_data(self, data: bytes, at: int) -> int:
        piece = data[at : at + self._data_left]
        self._buffer.append(piece)
        self._data_left -= len(piece)
        return at + len(piece)

    def _add_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at) + 1 or len(data)
        self._line += data[at : min(end, at + LINE_BYTES_MOST)]
        if len(self._line) >= LINE_BYTES_MOST:
            self._refuse("A line between chunks is too long")
        elif self._line.endswith(b"\n"):
            line, self._line = self._line, b""
            self._end_line(line)
        return end

    def _end_line(self, line: bytes) -> None:
        if line.endswith(b"\r\n"):
            self._take(line[:-2])
        else:
            self._refuse("A line ends without a carriage return")

    def _begin_chunk(self, line: bytes) -> None:
        size, semicolon, extensions = line.partition(b";")
        if not ONLY_HEXDIG_RE.fullmatch(size) or not CHUNK_EXT_RE.fullmatch(semicolon + extensions):
            self._refuse("This is no size of a chunk")
            return
        self._data_left = int(size, 16)
        if self._data_left >= self._bytes_most:
            self.error = RequestEntityTooLarge(f"more than {self._bytes_most} bytes")
        self._take = self._end_chunk if self._data_left else self._add_trailer

    def _end_chunk(self, line: bytes) -> None:
        if line:
            self._refuse("A chunk is longer than its size")
        self._take = self._begin_chunk

    def _add_trailer(self, line: bytes) -> None:
        """Trailers are read and forgotten: none may change what the headers said."""
        self._trailer_left -= len(line)
        if not line:
            self.completed = True
        elif self._trailer_left < 0 or not HEADER_FIELD_RE.fullmatch(line):
            self._refuse("The trailers are none, or too long")

    def _refuse(self, reason: str) -> None:
        self.error = BadRequest(reason)
