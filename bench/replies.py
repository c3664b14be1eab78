"""Both web processes must give the right reply before any load is put on them."""

import json
import uuid
from typing import Any

from bench.web import Web
from bench.workloads import Workload


class WrongReply(Exception):
    """A reply that is not the one the contract names, or not the one the other process gives."""


def check_replies(workload: Workload, service: Web, floor: Web) -> None:
    """See that both answer as they should; what is read must be the same to the last value."""
    theirs, ours = (_reply(web, workload) for web in (floor, service))
    if workload.example.method == "GET" and ours != theirs:
        raise WrongReply(f"the service and the floor read different documents at {workload.example.path}")
    if isinstance(ours, dict) and ours.keys() != theirs.keys():
        raise WrongReply(f"the service and the floor write different fields: {ours.keys() ^ theirs.keys()}")


def _reply(web: Web, workload: Workload) -> Any:
    example = workload.example
    headers = {**workload.script.headers, "Content-Type": example.content_type}
    body = None
    if example.method != "GET":
        # both create, so each needs a user of its own
        body = json.dumps(example.body).replace("USER_ID", str(uuid.uuid4())).encode()
    status, content = web.request(example.method, example.path, headers, body)
    if status != example.status:
        text = content[:300].decode(errors="replace")
        raise WrongReply(f"{web.name} answered {example.method} {example.path} with {status}: {text}")
    return json.loads(content)
