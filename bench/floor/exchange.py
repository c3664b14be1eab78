"""What a request holds, and what a reply is made of."""

import datetime
from typing import Any

import orjson

Reply = tuple[str, bytes]


def body_of(environ: dict[str, Any]) -> Any:
    return orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


def to_json(document: object) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
