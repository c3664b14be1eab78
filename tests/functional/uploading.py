"""Avatars sent to the service, and the files they leave."""

from webtest import TestResponse

from bee_customers.storage.local import LocalStorage
from tests import images
from tests.client import Client
from tests.functional.forms import FORM, form, part

PICTURE = images.encode("JPEG", (800, 600))


def send(client: Client, customer_id: str, body: bytes, **headers: str) -> TestResponse:
    headers.setdefault("Content_Type", FORM)
    return client.post(body, f"/{customer_id}/avatar", **headers)


def upload(client: Client, customer_id: str, content: bytes = PICTURE, **headers: str) -> TestResponse:
    return send(client, customer_id, form(part(content)), **headers)


def keys(storage: LocalStorage) -> list[str]:
    return [file.key for file in storage.list("")]
