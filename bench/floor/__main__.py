"""The WSGI function: who calls, and what is asked for."""

import hashlib
import logging
import os
import time
from collections.abc import Iterable
from typing import Any

import jwt
import waitress

from bench.floor import customers, profiles, reads
from bench.floor.exchange import kind_of

_KEY = os.environ["AUTH_JWT_KEY"]
_verified: dict[bytes, tuple[float, str]] = {}
_routes = {
    ("GET", "customer"): reads.customer,
    ("GET", "customers"): reads.customers,
    ("GET", "stats"): reads.stats,
    ("GET", "notes"): reads.notes,
    ("POST", "customers"): customers.post,
    ("PATCH", "customer"): customers.patch,
    ("POST", "tags"): profiles.attach,
    ("PUT", "orders"): profiles.put_order,
}


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    actor = _actor(environ["HTTP_AUTHORIZATION"][7:])
    status, body = _routes[environ["REQUEST_METHOD"], kind_of(environ)](environ, actor)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return (body,)


def _actor(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    known = _verified.get(digest)
    if known is None or known[0] < time.time():
        claims = jwt.decode(token, _KEY, algorithms=["HS256"], issuer="bee-auth", audience="bee-customers")
        known = _verified[digest] = (min(claims["exp"], time.time() + 60), claims["sub"])
    return known[1]


def main() -> None:
    # A line for each moment that all threads are busy would be the floor's largest cost.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    host, port, threads = (os.environ[name] for name in ("HOST", "PORT", "THREADS"))
    bounds = {"threads": int(threads), "asyncore_use_poll": True, "ident": None}
    waitress.serve(application, host=host, port=int(port), _quiet=True, **bounds)


if __name__ == "__main__":
    main()
