"""Patches in short, and whether one did nothing."""

from typing import Any

from tests.client import Client

Customer = dict[str, Any]
READ_ONLY = ["id", "user_id", "business_id", "avatar_url", "total_orders", "lifetime_value"]
READ_ONLY += ["version", "created_at", "updated_at", "name_key", "search_text"]
NEW_VALUES = [
    ("/full_name", "Ștefan Înțelept", "Ștefan Înțelept"),
    ("/email", "New@example.com", "New@example.com"),
    ("/email", None, None),
    ("/phone", "0733 000 111", "+40733000111"),
    ("/phone", None, None),
    ("/gender", "other", "other"),
    ("/gender", None, None),
    ("/tags", ["b", "A"], ["A", "b"]),
    ("/tags", [], []),
    ("/tags", None, []),
]


def op(kind: str, path: str, *value: Any, **members: Any) -> dict[str, Any]:
    return {"op": kind, "path": path, **({"value": value[0]} if value else {}), **members}


def unchanged(admin: Client, customer: Customer) -> bool:
    """Whether nothing was written: no value, no version, no time, no event."""
    now = admin.get(f"/{customer['id']}").json
    return bool(now == customer and len(admin.get(f"/{customer['id']}/events").json) == customer["version"])
