"""Both web processes must give the right reply before any load is put on them."""

import json
import uuid
from typing import Any

from bench.web import Web
from bench.workloads import Workload


class WrongReply(Exception):
    """A reply that is not the one the contract names, or not the one the other process gives."""


def check_replies(workload: Workload, service: Web, floor: Web) -> None:
    """See that both answer as they should.

    What is read, and the tags that a customer carries in the end, must be the same to the last value; of a
    document that each of them wrote, the fields.
    """
    theirs, ours = (_reply(web, workload) for web in (floor, service))
    path = workload.example.path
    if (isinstance(ours, list) or not workload.writes) and ours != theirs:
        raise WrongReply(f"the service and the floor give different documents at {path}")
    if isinstance(ours, dict) and ours.keys() != theirs.keys():
        raise WrongReply(f"the service and the floor give different fields: {ours.keys() ^ theirs.keys()}")


def _reply(web: Web, workload: Workload) -> Any:
    example = workload.example
    headers = {**workload.script.headers, "Content-Type": example.content_type}
    # both create, so each needs a user or an order of its own
    unique = str(uuid.uuid4())
    body = json.dumps(example.body).replace("UNIQUE", unique).encode() if workload.writes else None
    path = example.path.replace("UNIQUE", unique)
    status, content = web.request(example.method, path, headers, body)
    if status != example.status:
        text = content[:300].decode(errors="replace")
        raise WrongReply(f"{web.name} answered {example.method} {path} with {status}: {text}")
    return _without(json.loads(content), example.varying)


def _without(document: Any, names: frozenset[str]) -> Any:
    """The document less some fields, which it must have."""
    if names:
        if not names <= document.keys():
            raise WrongReply(f"the fields {', '.join(names - document.keys())} are not in the reply")
        return {name: value for name, value in document.items() if name not in names}
    return document
