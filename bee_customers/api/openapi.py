"""/openapi.json: OpenAPI 3.1, walked out of the Cornice resources and the objects that read requests."""

import re
from typing import Any

import colander
from cornice.service import Service, get_services
from pyramid.config import Configurator
from pyramid.interfaces import PHASE3_CONFIG
from pyramid.request import Request
from pyramid.response import Response

import bee_customers
from bee_customers.api import problems
from bee_customers.api.operation import PUBLIC, UUID_PATTERN, Operation
from bee_customers.api.reading import JsonBody, NoQuery, PatchBody, Query
from bee_customers.api.replies import json_reply
from bee_customers.api.routing import without_patterns
from bee_customers.api.uploads import FileBody
from bee_customers.security.permissions import GRANTS

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "trace_id"],
    "properties": {
        "type": {"type": "string", "enum": [f"/problems/{slug}" for slug in problems.ALL]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "trace_id": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_HEADERS = {
    "RateLimit-Policy": {
        "description": "The limit that binds the caller most: its quota `q` in a window of `w` seconds.",
        "schema": {"type": "string", "examples": ['"customer-patch";q=5;w=60']},
    },
    "RateLimit": {
        "description": "How many requests remain, `r`, for `t` seconds; with none left, in how many there is one.",
        "schema": {"type": "string", "examples": ['"customer-patch";r=0;t=34']},
    },
    "Retry-After": {
        "description": "Seconds after which the same request is let through, when nothing else comes meanwhile.",
        "schema": {"type": "string", "pattern": "^[0-9]+$", "examples": ["34"]},
    },
}
_PATCH = {
    "type": "array",
    "maxItems": 50,
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string", "examples": ["/full_name", "/tags/-"]},
            "from": {"type": "string"},
            "value": {},
        },
    },
}
# Every operation can answer these.
_ALWAYS = (400, 401, 403, 406, 422, 429, 503)
_OF_TOKENS = (401, 403, 429)


def build(services: list[Service]) -> dict[str, Any]:
    """The document of these services; raises TypeError for a reader it cannot describe."""
    paths: dict[str, Any] = {}
    for service in services:
        path, parameters = _path(service.path)
        for method, view, arguments in service.definitions:
            if method == "HEAD":
                continue
            described = view.unbound_view.__operation__
            _check_readers(described, arguments["validators"])
            tag = service.name.removeprefix("collection_")
            written = _operation(described, parameters, f"{method} {path}", tag)
            paths.setdefault(path, {})[method.lower()] = written
    return {
        "openapi": "3.1.0",
        "info": {"title": "BeeConnect Customers", "version": bee_customers.__version__},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "headers": _HEADERS,
            "schemas": {"Problem": _PROBLEM},
        },
    }


def _path(pattern: str) -> tuple[str, list[dict[str, Any]]]:
    """Pyramid's pattern without its regular expressions, and its parameters."""
    plain = without_patterns(pattern)
    parameters = []
    for name in re.findall(r"\{(\w+)\}", plain):
        is_uuid = f"{{{name}:{UUID_PATTERN}}}" in pattern
        form = {"type": "string", "format": "uuid"} if is_uuid else {"type": "string"}
        parameters.append({"name": name, "in": "path", "required": True, "schema": form})
    return plain, parameters


def _check_readers(described: Operation, readers: list[Any]) -> None:
    for reader in readers:
        if (
            reader not in (described.limited, described.query, described.body)
            and type(reader).__name__ != "Acceptable"
        ):
            raise TypeError(f"{reader!r} reads the request and has no place in the document")


def _operation(described: Operation, parameters: list[dict[str, Any]], name: str, tag: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "tags": [tag],
        "operationId": re.sub(r"\W+", "_", name).strip("_"),
        "summary": described.summary,
        "description": _needs(described),
        "parameters": parameters + _query(described.query) + _headers(described),
        "responses": _responses(described),
    }
    if described.permission == PUBLIC:
        document["security"] = []
    if described.body is not None:
        document["requestBody"] = {"required": True, "content": _content(described.body)}
    return document


def _needs(described: Operation) -> str:
    if described.permission == PUBLIC:
        return "Needs no token: the signature in the address is enough."
    roles = [role.value for role, granted in GRANTS.items() if described.permission in granted]
    return f"Needs the role {' or '.join(roles)}."


def _query(reader: Query | NoQuery) -> list[dict[str, Any]]:
    if isinstance(reader, NoQuery):
        return []
    return [
        {
            "name": node.name,
            "in": "query",
            "required": node.required,
            "description": node.description,
            "schema": node.typ.openapi,
        }
        for node in reader.schema().children
    ]


def _headers(described: Operation) -> list[dict[str, Any]]:
    names = ["Idempotency-Key"] if described.is_idempotent else []
    if described.is_conditional:
        names.append("If-None-Match" if 304 in described.replies else "If-Match")
    form = {"type": "string", "maxLength": 255}
    return [{"name": name, "in": "header", "required": False, "schema": form} for name in names]


def _content(body: JsonBody | PatchBody | FileBody) -> dict[str, Any]:
    if isinstance(body, FileBody):
        return {body.media_types[0]: body.openapi}
    if isinstance(body, JsonBody):
        return {body.media_types[0]: {"schema": object_form(body.schema)}}
    json_patch, merge_patch = body.media_types
    return {json_patch: {"schema": _PATCH}, merge_patch: {"schema": {"type": "object"}}}


def object_form(schema: type[colander.Schema]) -> dict[str, Any]:
    """A colander schema as JSON Schema."""
    nodes = schema().children
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [node.name for node in nodes if node.required],
        "properties": {node.name: node.typ.openapi for node in nodes},
    }


def _responses(described: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, form in described.replies.items():
        content = {"content": {described.media_type: {"schema": form}}} if form else {}
        responses[str(status)] = {"description": "Done" if status < 300 else "Not modified", **content}
    reference = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    always = set(_ALWAYS).difference(_OF_TOKENS if described.permission == PUBLIC else ())
    for status in sorted({*always, *described.problems}):
        responses[str(status)] = {"description": problems.BY_STATUS[status].title, "content": reference}
    if described.limited:
        _add_limits(responses)
    return responses


def _add_limits(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        names = [name for name in _HEADERS if name != "Retry-After" or status == "429"]
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def serve(request: Request) -> Response:
    return json_reply(request.registry["openapi"])


def includeme(config: Configurator) -> None:
    if not config.registry["settings"].docs:
        return
    config.add_page("openapi", "/openapi.json", serve)

    def build_once() -> None:
        registered = set(config.registry.cornice_services.values())
        config.registry["openapi"] = build([service for service in get_services() if service in registered])

    # when all resources are known
    config.action("openapi", build_once, order=PHASE3_CONFIG)
