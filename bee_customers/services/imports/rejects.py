"""The rows that were refused: in a file that can be mended and fed in again."""

import codecs
import contextlib
import csv
import dataclasses
import io
import json
import os
from collections.abc import Iterator
from typing import IO, Any

from bee_customers.errors import UnreadableFile
from bee_customers.services.imports.columns import RAW, REJECT_COLUMNS
from bee_customers.services.imports.row import RowFault, printable

_PRIVATE = 0o600


@dataclasses.dataclass(frozen=True)
class Reject:
    """A refused row: where it stood, its bytes, and all that is wrong with it."""

    line: int
    raw: bytes
    faults: tuple[RowFault, ...]

    @property
    def fields(self) -> str:
        return ", ".join(dict.fromkeys(fault.field for fault in self.faults if fault.field))

    @property
    def reasons(self) -> str:
        if len(self.faults) == 1:
            return self.faults[0].reason
        return "; ".join(f"{fault.field} {fault.reason}".strip() for fault in self.faults)

    def __str__(self) -> str:
        """For the operator: without a value, since those are personal data."""
        told = f"{self.fields} {self.reasons}" if len(self.faults) == 1 else self.reasons
        return f"line {self.line:,}: {told.strip()}"


class RejectsFile:
    """Holds what was added behind a position that the database knows too; `go_back` forgets the rest.

    It holds personal data: nobody else may read it. Raises UnreadableFile where it cannot be written.
    """

    def __init__(self, path: str, header: bytes, delimiter: str, position: int | None = None) -> None:
        """Begin a new file, or go on at a position of one that is there; without a header it is of JSON lines."""
        self.path = path
        if not _is_text(path):  # the database has to keep it
            raise self._fault("its name is not UTF-8")
        self._delimiter = delimiter
        self._line = self._csv if header else _json
        with self._writing():
            self._file = _opened(path, position)
        try:
            self.begin = self._begin(header, position or 0)
        except UnreadableFile:
            self._give_up(is_new=position is None)
            raise

    def _begin(self, header: bytes, position: int) -> int:
        if os.fstat(self._file.fileno()).st_size < position:
            raise self._fault("is shorter than it was")
        self.go_back(position)
        if header and not position:
            with self._writing():
                self._file.write(
                    _csv_line(list(REJECT_COLUMNS), self._delimiter) + header.removeprefix(codecs.BOM_UTF8)
                )
        return self.keep()

    def _give_up(self, *, is_new: bool) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        if is_new:  # it would be in the way of the next attempt
            with contextlib.suppress(OSError):
                os.unlink(self.path)

    def add(self, rejects: list[Reject]) -> None:
        with self._writing():
            self._file.write(b"".join(self._line(reject) for reject in rejects))

    def keep(self) -> int:
        """What was added is on the disk when this returns; gives the length of the file."""
        with self._writing():
            self._file.flush()
            os.fsync(self._file.fileno())
            return self._file.tell()

    def go_back(self, position: int) -> None:
        with self._writing():
            self._file.seek(position)
            self._file.truncate()

    def close(self) -> None:
        with self._writing():
            self._file.close()

    def _csv(self, reject: Reject) -> bytes:
        """The row as it stood, behind the columns that tell of it."""
        return _csv_line([str(reject.line), reject.fields, reject.reasons], self._delimiter) + _ended(reject.raw)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._fault((error.strerror or type(error).__name__).lower()) from None

    def _fault(self, reason: str) -> UnreadableFile:
        return UnreadableFile(f"the rejects cannot be written to {printable(self.path)}: {reason}")


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _opened(path: str, position: int | None) -> IO[bytes]:
    """A new file, or one that is there; never over another one. From 0 on, nothing is missed where it is gone."""
    how = {None: os.O_CREAT | os.O_EXCL, 0: os.O_CREAT}.get(position, 0)
    return os.fdopen(os.open(path, os.O_RDWR | how, _PRIVATE), "r+b")


def _csv_line(cells: list[str], delimiter: str) -> bytes:
    """With a delimiter at its end: what follows is the row itself."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=delimiter).writerow(cells)
    return text.getvalue().encode()


def _json(reject: Reject) -> bytes:
    told: dict[str, Any] = dict(zip(REJECT_COLUMNS, (reject.line, reject.fields, reject.reasons), strict=True))
    text = reject.raw.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        members = None
    if isinstance(members, dict) and all(fault.field for fault in reject.faults):
        told |= {name: value for name, value in members.items() if name not in REJECT_COLUMNS}
    else:  # what a reader could mistake is kept as it stood
        told[RAW] = text.rstrip("\r\n")
    return json.dumps(told).encode() + b"\n"


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\n"
