"""What a request holds, and what a reply is made of."""

import datetime
import unicodedata
from typing import Any

import orjson

Reply = tuple[str, bytes]


def body_of(environ: dict[str, Any]) -> Any:
    return orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


def customer_of(environ: dict[str, Any]) -> str:
    """The id in /v1/customers/{id}/..."""
    customer_id: str = environ["PATH_INFO"][14:50]
    return customer_id


def kind_of(environ: dict[str, Any]) -> str:
    """What is asked for: `customers`, `customer`, or what stands behind a customer's id."""
    path: str = environ["PATH_INFO"]
    if len(path) <= 50:
        return "customer" if len(path) == 50 else "customers"
    return path[51:].partition("/")[0]


def to_json(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def comparison_key(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
