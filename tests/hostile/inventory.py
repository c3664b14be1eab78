"""Every route of the application as Pyramid knows it, and requests that are right in all but their caller."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED
from webtest import TestApp, TestResponse

from tests import images
from tests.client import Client
from tests.factories import new_body, new_customer
from tests.functional.forms import FORM, form, part

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_ORDER = {
    "kind": "order",
    "status": "placed",
    "amount": "1.00",
    "ordered_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
}


@dataclass(frozen=True)
class Route:
    path: str
    methods: frozenset[str]
    is_open: bool


def inventory(app: TestApp) -> list[Route]:
    """Each view that answers to a path; `methods` empty for one that answers to all of them."""
    introspector = app.app.registry.introspector
    found = []
    for item in introspector.get_category("views"):
        view = item["introspectable"]
        if view["route_name"] is None:  # answers for exceptions
            continue
        path = _plain(introspector.get("routes", view["route_name"])["pattern"])
        permissions = {one["value"] for one in item["related"] if one.category_name == "permissions"}
        methods = view["request_methods"] or ()
        named = frozenset([methods] if isinstance(methods, str) else methods)
        found.append(Route(path, named, permissions == {NO_PERMISSION_REQUIRED}))
    return found


def _plain(pattern: str) -> str:
    """Without the expressions of its parameters, which hold braces in pairs."""
    return "/" + re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", pattern).lstrip("/")


@dataclass(frozen=True)
class World:
    """A customer of BUSINESS, and what hangs on it; `parameters` are those of paths."""

    user_id: str
    parameters: dict[str, str]

    def absent(self) -> "World":
        """The same with ids that nobody ever had."""
        nowhere = {name: str(uuid.uuid4()) for name in ("customer_id", "note_id", "request_id")}
        return World(self.user_id, self.parameters | nowhere)


def new_world(anyone: Client) -> World:
    user_id = str(uuid.uuid4())
    customer_id = new_customer(anyone.as_("internal_service"), user_id=user_id)["id"]
    note = anyone.as_("admin").post({"content": "x"}, f"/{customer_id}/notes")
    request = anyone.as_("customer", subject=user_id).post({"user_id": user_id}, "/gdpr/erase")
    parameters = {"customer_id": customer_id, "note_id": note.json["id"], "request_id": request.json["id"]}
    return World(user_id, parameters | {"tag_name": "VIP", "order_id": "A-1", "export_id": str(uuid.uuid4())})


def call(client: Client, route: str, world: World, **headers: str) -> TestResponse:
    """`route` is written as in the table: METHOD /path/{parameter}."""
    method, path = route.split()
    address = path.format(**world.parameters).removeprefix("/v1/customers")
    if path.endswith("/avatar"):
        headers = {"Content_Type": FORM, **headers}
    body = _body(method, path, world)
    send = {
        "GET": client.get,
        "DELETE": client.delete,
        "POST": lambda *_, **given: client.post(body, address, **given),
        "PUT": lambda *_, **given: client.put(address, body, **given),
        "PATCH": lambda *_, **given: client.merge(address, body, **given),
    }[method]
    return send(address, **headers)


def _body(method: str, path: str, world: World) -> Any:
    return {
        "POST /v1/customers": new_body(),
        "PATCH /v1/customers/{customer_id}": {"full_name": "Ana"},
        "POST /v1/customers/{customer_id}/avatar": form(part(images.encode("PNG"))),
        "POST /v1/customers/{customer_id}/notes": {"content": "x"},
        "POST /v1/customers/{customer_id}/tags": {"tags": ["VIP"]},
        "POST /v1/customers/tags": {"name": f"new {uuid.uuid4().hex[:20]}"},
        "PUT /v1/customers/{customer_id}/orders/{order_id}": _ORDER,
        "POST /v1/customers/gdpr/export": {"user_id": world.user_id},
        "POST /v1/customers/gdpr/erase": {"user_id": world.user_id},
    }.get(f"{method} {path}")
