"""A dozen customers that differ in all a list can be narrowed to and sorted by, and how they must be sorted."""

import datetime
import unicodedata
import uuid
from collections.abc import Callable
from typing import Any

from bee_customers.db.engine import Database
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.functional import rows

Customer = dict[str, Any]
# name, lifetime value, orders, last order, day of creation, gender, tags, business
_PEOPLE: list[tuple[str, str, int, str | None, int, str | None, list[str], str]] = [
    ("Ștefan Mare", "10.00", 3, "2026-01-05", 1, "male", ["VIP"], BUSINESS),
    ("stefan mare", "9.99", 3, None, 1, "male", ["VIP", "B2B"], BUSINESS),
    ("STEFAN MARE", "10.00", 0, "2025-12-31", 2, None, [], OTHER_BUSINESS),
    ("Ștefan", "0.00", 0, None, 3, "other", ["b2b"], BUSINESS),
    ("Ana Pop", "1000000.00", 12, "2026-01-05", 3, "female", ["VIP"], BUSINESS),
    ("ÁNA POPA", "1000.50", 11, "2024-02-29", 3, "female", [], OTHER_BUSINESS),
    ("Éva Žák", "2.00", 2, "2026-01-04", 4, "female", ["new"], BUSINESS),
    ("eva zak", "2.00", 2, "2026-01-04", 4, "unspecified", ["new", "VIP", "B2B"], BUSINESS),
    ("100% Sure_Name", "2.00", 1, None, 5, None, [], BUSINESS),
    ("O'Brien \\ Sons", "7.01", 1, "2020-06-01", 6, "male", ["VIP", "b2b"], OTHER_BUSINESS),
    ("王秀英", "7.00", 7, "2026-01-06", 7, "female", [], BUSINESS),
    ("Олександр Ґалаґан", "70.00", 70, "2026-01-05", 8, "male", [], BUSINESS),
]


def gather(internal: Client, database: Database) -> list[Customer]:
    """Create them; returns what GET shows, and the last order date beside it."""
    people = []
    for name, value, orders, last_order, day, gender, tags, business in _PEOPLE:
        person = new_customer(internal, full_name=name, gender=gender, tags=tags, business_id=business)
        created = datetime.datetime(2026, 3, day, 12, 0, 0, 500, tzinfo=datetime.UTC)
        rows.set_customer(
            database,
            person["id"],
            lifetime_value=value,
            total_orders=orders,
            created_at=created,
            updated_at=created,
        )
        rows.set_history(database, person["id"], last_order_date=last_order)
        stamp = f"2026-03-{day:02}T12:00:00.000500Z"
        person |= {"lifetime_value": value, "total_orders": orders, "created_at": stamp, "updated_at": stamp}
        people.append(person | {"last_order_date": last_order})
    return people


def plain(text: str) -> str:
    """Without case and accents, as a reader compares names."""
    return "".join(
        char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char)
    )


SORT_KEYS: dict[str, Callable[[Customer], Any]] = {
    "created_at": lambda person: person["created_at"],
    "full_name": lambda person: plain(person["full_name"]),
    "lifetime_value": lambda person: float(person["lifetime_value"]),
    "total_orders": lambda person: person["total_orders"],
    "last_order_date": lambda person: person["last_order_date"] or "0001-01-01",
}
SORTS = [prefix + name for name in SORT_KEYS for prefix in ("", "-")]


def in_order(people: list[Customer], sort: str) -> list[str]:
    """The ids in the order of `sort`; ties go by id, in the same direction."""
    key = SORT_KEYS[sort.removeprefix("-")]
    ordered = sorted(
        people, key=lambda person: (key(person), uuid.UUID(person["id"]).bytes), reverse=sort.startswith("-")
    )
    return [person["id"] for person in ordered]
