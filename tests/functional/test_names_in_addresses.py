"""A slash at the end of an address is forgiven; one that belongs to a name is a letter of it."""

from typing import Any

from tests.client import CUSTOMERS, Client


def detach(client: Client, customer_id: str, written: str) -> int:
    """With the address as it was written, which servers pass on beside the decoded one."""
    address = f"{CUSTOMERS}/{customer_id}/tags/{written}"
    headers = {"Authorization": f"Bearer {client.token}"}
    reply = client.app.delete(address, headers=headers, extra_environ={"REQUEST_URI": address}, status="*")
    return int(reply.status_int)


def test_a_name_may_end_with_a_slash(admin: Client, customer: dict[str, Any]) -> None:
    path = f"/{customer['id']}/tags"
    assert admin.post({"tags": ["s", "s/"]}, path).json == ["s", "s/", "VIP"]
    assert detach(admin, customer["id"], "s%2F") == 204
    assert admin.get(f"/{customer['id']}").json["tags"] == ["s", "VIP"]
    assert detach(admin, customer["id"], "s%2F") == 404


def test_a_slash_behind_the_name_is_forgiven(admin: Client, customer: dict[str, Any]) -> None:
    admin.post({"tags": ["s", "s/"]}, f"/{customer['id']}/tags")
    assert detach(admin, customer["id"], "s/") == 204
    assert admin.get(f"/{customer['id']}").json["tags"] == ["s/", "VIP"]
