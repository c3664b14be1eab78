"""Tags over HTTP, in short."""

from typing import Any
from urllib.parse import quote

from webtest import TestResponse

from tests.client import Client

Customer = dict[str, Any]


def attach(admin: Client, customer: Customer, *names: Any, query: str = "") -> TestResponse:
    return admin.post({"tags": list(names)}, f"/{customer['id']}/tags{query}")


def detach(admin: Client, customer: Customer, name: str) -> TestResponse:
    return admin.delete(f"/{customer['id']}/tags/{quote(name, safe='')}")


def carried(admin: Client, customer: Customer) -> list[str]:
    names: list[str] = admin.get(f"/{customer['id']}").json["tags"]
    return names


def catalogue(admin: Client) -> dict[str, int]:
    return {tag["name"]: tag["customers"] for tag in admin.get("/tags").json}
