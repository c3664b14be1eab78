"""Cursors and Link headers (RFC 8288). A cursor is sealed, and good only for the filters it came with."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bee_customers.api.reading import read_query
from bee_customers.errors import InvalidCursor
from bee_customers.security.sealing import Sealer

PURPOSE = "cursor"


def filters_of(request: Request) -> str:
    """What a cursor is bound to: the path and every parameter but those that only move through the list."""
    pairs = sorted(pair for pair in read_query(request) if pair[0] not in ("cursor", "limit", "count"))
    return hashlib.sha256(json.dumps([request.path, pairs]).encode()).hexdigest()


def seal(sealer: Sealer, filters: str, position: list[Any]) -> str:
    return sealer.seal(json.dumps([filters, position]).encode())


def unseal(request: Request, cursor: str | None) -> list[Any] | None:
    """The position in a cursor; raises InvalidCursor for one that was altered or belongs elsewhere."""
    if cursor is None:
        return None
    try:
        filters, position = json.loads(request.registry["cursors"].open(cursor))
    except ValueError:
        raise InvalidCursor("The cursor was not issued here.") from None
    if filters != filters_of(request):
        raise InvalidCursor("The cursor belongs to a list with other filters.")
    return list(position)


def link_header(request: Request, **positions: list[Any] | None) -> dict[str, str]:
    """The Link header with a relation for each position that is there; `{}` for none."""
    filters = filters_of(request)
    kept = [pair for pair in read_query(request) if pair[0] not in ("cursor", "count")]
    links = []
    for relation, position in positions.items():
        if position is not None:
            cursor = seal(request.registry["cursors"], filters, position)
            links.append(f'<{request.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="{relation}"')
    return {"Link": ", ".join(links)} if links else {}
