"""The fallback queue, as somebody sees it who reads it while the broker is away."""

import json
import uuid
from collections import defaultdict
from contextlib import closing

import redis

from bee_customers.events.fallback import STREAM


def entries(url: str) -> list[tuple[uuid.UUID, uuid.UUID, int]]:
    """Of each entry in its order: event, customer and version."""
    with closing(redis.Redis.from_url(url, socket_timeout=5)) as client:
        bodies = [json.loads(fields[b"body"]) for _, fields in client.xrange(STREAM)]
    return [
        (uuid.UUID(body["event_id"]), uuid.UUID(body["customer_id"]), body["customer_version"]) for body in bodies
    ]


def length(url: str) -> int:
    with closing(redis.Redis.from_url(url, socket_timeout=5)) as client:
        return int(client.xlen(STREAM))


def command(url: str, *words: object) -> None:
    with closing(redis.Redis.from_url(url, socket_timeout=5)) as client:
        client.execute_command(*words)


def check_order(url: str) -> None:
    """A customer's events first appear in the order of its versions, from the first one that waits."""
    versions: dict[uuid.UUID, dict[int, None]] = defaultdict(dict)
    for _, customer, version in entries(url):
        versions[customer].setdefault(version)
    for seen in map(list, versions.values()):
        assert seen == list(range(seen[0], seen[0] + len(seen))), "the fallback queue is out of order"
