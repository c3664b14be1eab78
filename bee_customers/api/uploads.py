"""The one reader of uploaded files: multipart/form-data (RFC 7578) with a single part, strict and bounded."""

import dataclasses
import hashlib
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)
from pyramid.request import Request

from bee_customers.api.problems import TOO_LARGE, UNREADABLE, UNSUPPORTED, ProblemError
from bee_customers.errors import FieldFault, InvalidDocument

FORM = "multipart/form-data"
FIELD = "file"
# boundaries and part headers around the file
_FRAME_BYTES_MOST = 16_384
_PARTS_MOST = 10
_BOUNDARY_MOST = 70  # RFC 2046, 5.1.1
_CHUNK_BYTES = 262_144


@dataclasses.dataclass(frozen=True)
class Upload:
    """A file that came with a request, on disk until the request ends; `digest` is its SHA-256."""

    file: BinaryIO
    digest: str


class FileBody:
    """A form with the part `file` and no other; `request.validated["body"]` is an Upload.

    Neither the name of the file nor its declared type is looked at: its content decides.
    """

    media_types = (FORM,)

    def __init__(self, bytes_most: int) -> None:
        self.bytes_most = bytes_most

    @property
    def openapi(self) -> dict[str, Any]:
        return {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": [FIELD],
                "properties": {FIELD: {"type": "string", "format": "binary", "maxLength": self.bytes_most}},
            }
        }

    def __call__(self, request: Request, **_: Any) -> None:
        boundary = _boundary(request)
        if (request.content_length or 0) > self.bytes_most + _FRAME_BYTES_MOST:
            self._refuse_size()
        try:
            request.validated["body"] = self._read(request, boundary)
        except ParserLimitReached as error:
            self._refuse_size(f" ({error.args[0]})")
        except MultipartError as error:
            raise ProblemError(UNREADABLE, f"The form cannot be read: {error.args[0]}.") from None

    def _read(self, request: Request, boundary: str) -> Upload:
        file, digest = _temporary_file(request), hashlib.sha256()
        names: list[str] = []
        for event in self._events(request, boundary):
            if isinstance(event, MultipartSegment):
                names.append(event.name or "")
            elif event is not None and names == [FIELD]:
                file.write(event)
                digest.update(event)
        _check_names(names)
        file.seek(0)
        return Upload(file, digest.hexdigest())

    def _events(self, request: Request, boundary: str) -> Iterator[MultipartSegment | bytearray | bytes | None]:
        # `strict` would refuse what may follow the last boundary, but only where it begins a new chunk
        parser = PushMultipartParser(boundary, max_segment_size=self.bytes_most, max_segment_count=_PARTS_MOST)
        with parser:
            for chunk in _chunks(request):
                yield from parser.parse(chunk)

    def _refuse_size(self, limit: str = "") -> NoReturn:
        raise ProblemError(TOO_LARGE, f"The form may hold one file of at most {self.bytes_most} bytes{limit}.")


def _temporary_file(request: Request) -> BinaryIO:
    """Nameless, so that nothing is left of it whatever happens."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    request.add_finished_callback(lambda _: file.close())
    return file


def _chunks(request: Request) -> Iterator[bytes]:
    form = request.environ["wsgi.input"]
    form.seek(0)  # a transaction may have to run again
    left = request.content_length or 0
    while left and (chunk := form.read(min(left, _CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _boundary(request: Request) -> str:
    media_type, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    if media_type != FORM:
        raise ProblemError(UNSUPPORTED, f"Send {FORM}.", {"Accept": FORM})
    boundary: str = options.get("boundary", "")
    if not boundary or len(boundary) > _BOUNDARY_MOST or not boundary.isascii():
        raise ProblemError(UNREADABLE, "The Content-Type names no boundary, or a bad one.")
    return boundary


def _check_names(names: list[str]) -> None:
    faults = [FieldFault(f"/{name[:50]}", "is not known") for name in names if name != FIELD]
    if FIELD not in names:
        faults.append(FieldFault(f"/{FIELD}", "must be there"))
    elif names.count(FIELD) > 1:
        faults.append(FieldFault(f"/{FIELD}", "is given more than once"))
    if faults:
        raise InvalidDocument(faults)
