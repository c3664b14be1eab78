"""Good answers as bytes."""

from collections.abc import Mapping

from pyramid.response import Response

from bee_customers.services.customer_documents import to_json


def json_reply(document: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(to_json(document), status=status, content_type="application/json", charset=None)
    if headers:
        response.headers.update(headers)
    return response


def empty_reply(status: int = 204, *, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(status=status)
    response.content_type = None  # webob gives every reply one
    if headers:
        response.headers.update(headers)
    return response
