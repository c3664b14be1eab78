"""`bee-customers serve` without what watches it: no metrics, no lines of requests, no request ids."""

from pyramid.request import Request

from bee_customers import api
from bee_customers.api import tweens
from bee_customers.cli import main

_ID = "0" * 32


def _no_id(_: Request) -> str:
    return _ID


if __name__ == "__main__":
    api._ROOMS = tuple(room for room in api._ROOMS if room not in ("watching", "tracing"))
    tweens.trace_id = _no_id
    main(["serve"], prog_name="unwatched")
