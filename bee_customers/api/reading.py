"""From a request to checked values: the validators of Cornice views. OpenAPI is made from the same objects."""

import functools
from typing import Any
from urllib.parse import parse_qsl

import colander
from pyramid.request import Request
from webob.acceptparse import create_accept_header

from bee_customers.api import body
from bee_customers.api.problems import NOT_ACCEPTABLE, UNREADABLE, InvalidQuery, ProblemError
from bee_customers.errors import FieldFault, InvalidDocument
from bee_customers.services.patches import pointer

_PARAMETERS_MOST = 100


class Acceptable:
    """The caller must take what is sent; problems are sent in any case."""

    def __init__(self, media_type: str = body.JSON) -> None:
        self._media_type = media_type

    def __call__(self, request: Request, **_: Any) -> None:
        if not _takes(request.environ.get("HTTP_ACCEPT", ""), self._media_type):
            raise ProblemError(NOT_ACCEPTABLE, f"This is {self._media_type}, which the Accept header rules out.")


@functools.lru_cache(maxsize=256)
def _takes(accept: str, media_type: str) -> bool:
    offers = [media_type, f"{media_type};charset=utf-8"]
    return not accept.strip() or bool(create_accept_header(accept).acceptable_offers(offers))


class JsonBody:
    """A JSON document checked by a schema; the clean one is `request.validated["body"]`."""

    media_types = (body.JSON,)

    def __init__(self, schema: type[colander.Schema]) -> None:
        self.schema = schema

    def __call__(self, request: Request, **_: Any) -> None:
        document = body.read_json(request, self.media_types, body.BYTES_MOST)
        try:
            request.validated["body"] = _bound(request, self.schema).deserialize(document)
        except colander.Invalid as error:
            raise InvalidDocument(_faults(error)) from None


class PatchBody:
    """A patch of either kind, parsed; what it means is decided by the service's rules."""

    media_types = (body.JSON_PATCH, body.MERGE_PATCH)

    def __call__(self, request: Request, **_: Any) -> None:
        document = body.read_json(request, self.media_types, body.PATCH_BYTES_MOST)
        request.validated["body"] = document
        request.validated["is_json_patch"] = body.media_type(request) == body.JSON_PATCH


class Query:
    """The query string, checked by a schema; unknown and wrongly repeated parameters are faults."""

    def __init__(self, schema: type[colander.Schema]) -> None:
        self.schema = schema
        self._repeatable = {node.name for node in schema().children if node.typ.openapi.get("type") == "array"}

    def __call__(self, request: Request, **_: Any) -> None:
        given: dict[str, Any] = {}
        for name, value in read_query(request):
            if name in self._repeatable:
                given.setdefault(name, []).append(value)
            elif name in given:
                raise InvalidQuery([FieldFault(name, "is given twice")])
            else:
                given[name] = value
        try:
            request.validated["query"] = _bound(request, self.schema).deserialize(given)
        except colander.Invalid as error:
            raise InvalidQuery([_as_parameter(fault) for fault in _faults(error)]) from None


class NoQuery:
    """For views that take no parameters: any is a mistake that would otherwise pass unseen."""

    def __call__(self, request: Request, **_: Any) -> None:
        unknown = [FieldFault(name, "is not known") for name, _ in read_query(request)]
        if unknown:
            raise InvalidQuery(unknown)


def read_query(request: Request) -> list[tuple[str, str]]:
    """Names and values in order; raises ProblemError when they are not text, InvalidQuery for NUL."""
    raw = request.environ.get("QUERY_STRING", "")
    if not raw:
        return []
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=_PARAMETERS_MOST)
        "".join(value for pair in pairs for value in pair).encode("utf-8")
    except UnicodeError:
        raise ProblemError(UNREADABLE, "The query is not valid UTF-8.") from None
    except ValueError:
        raise ProblemError(UNREADABLE, f"The query has more than {_PARAMETERS_MOST} parameters.") from None
    if any("\0" in value for pair in pairs for value in pair):
        raise ProblemError(UNREADABLE, "The query holds a NUL character.")
    return pairs


def _bound(request: Request, schema: type[colander.Schema]) -> colander.Schema:
    """The schema's one instance with this service's rules; made at its first use, never per request."""
    instances: dict[type, colander.Schema] = request.registry["schemas"]
    if schema not in instances:
        instances[schema] = schema().bind(rules=request.registry["rules"])
    return instances[schema]


def _faults(error: colander.Invalid) -> list[FieldFault]:
    faults = []
    for path in error.paths():
        names = [part.node.name for part in path[1:]]
        faults.append(FieldFault("".join(pointer(name) for name in names), str(path[-1].msg)))
    return faults


def _as_parameter(fault: FieldFault) -> FieldFault:
    return FieldFault(fault.pointer.removeprefix("/"), fault.detail)
