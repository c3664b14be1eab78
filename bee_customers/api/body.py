"""The one reader of JSON bodies: bounded, strict, and the same answer for the same fault everywhere."""

import json
import math
from typing import Any, NoReturn

from pyramid.request import Request

from bee_customers.api.problems import TOO_LARGE, UNREADABLE, UNSUPPORTED, ProblemError

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
BYTES_MOST = 2 * 1024 * 1024
PATCH_BYTES_MOST = 65_536
_DEPTH_MOST = 32


def read_json(request: Request, accepted: tuple[str, ...], bytes_most: int) -> Any:
    """The parsed body; raises ProblemError with 400, 413 or 415."""
    _check_media_type(request, accepted)
    if (request.content_length or 0) > bytes_most:
        raise ProblemError(TOO_LARGE, f"The body may be at most {bytes_most} bytes.")
    return parse(raw_body(request))


def parse(raw: bytes) -> Any:
    """Strict RFC 8259: one value, no duplicate names, nothing that is not a number or not text."""
    try:
        text = raw.decode("utf-8")
        if text.startswith("\ufeff"):
            _refuse("The body begins with a byte order mark.")
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        _refuse("The body is not UTF-8.")
    except RecursionError:
        _refuse(f"The body is nested deeper than {_DEPTH_MOST} levels.")
    except json.JSONDecodeError as error:
        _refuse(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.")
    except ValueError:
        _refuse("The body holds a number with too many digits.")
    _check_depth_and_text(value)
    return value


def raw_body(request: Request) -> bytes:
    """The body's bytes, kept for a second reading: a transaction may have to run again.

    Not `request.body`, which writes all but small bodies to a temporary file and leaves it open.
    """
    environ = request.environ
    if "bee.body" not in environ:
        environ["bee.body"] = environ["wsgi.input"].read(request.content_length or 0)
    return bytes(environ["bee.body"])


def media_type(request: Request) -> str:
    """Of the body, without its parameters."""
    return str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _check_media_type(request: Request, accepted: tuple[str, ...]) -> None:
    parameters = request.environ.get("CONTENT_TYPE", "").partition(";")[2]
    charset = parameters.strip().lower().replace('"', "")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(UNSUPPORTED, "Send the body as it is, without a content coding.")
    if media_type(request) in accepted and charset in ("", "charset=utf-8"):
        return
    headers = {"Accept-Patch": ", ".join(accepted)} if request.method == "PATCH" else {"Accept": accepted[0]}
    raise ProblemError(UNSUPPORTED, f"Send {' or '.join(accepted)} in UTF-8.", headers)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        _refuse("The body holds an object with the same name twice.")
    return members


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"The body holds {name}, which is not JSON.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        _refuse("The body holds a number that is too large.")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite)


def _check_depth_and_text(value: Any) -> None:
    """Level by level, so that nothing recurses; NUL and lone surrogates are no text PostgreSQL could keep."""
    level = [value]
    for depth in range(1, _DEPTH_MOST + 2):
        if depth > _DEPTH_MOST and any(isinstance(item, list | dict) for item in level):
            _refuse(f"The body is nested deeper than {_DEPTH_MOST} levels.")
        inner: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, dict):
                inner += item
                inner += item.values()
        if not inner:
            return
        level = inner


def _check_text(text: str) -> None:
    if "\0" in text:
        _refuse("The body holds a NUL character.")
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            _refuse("The body holds half of a surrogate pair.")


def _refuse(detail: str) -> NoReturn:
    raise ProblemError(UNREADABLE, detail)
