"""What SQL put together must be what the service itself would have stored."""

import datetime
from typing import Any

from bee_customers.services.orders import Order
from bee_customers.services.text import comparison_key, email_key, search_text

_SUMMED = ("total_orders", "total_bookings", "returned_orders", "lifetime_value")


# Each change leaves an event. The rest is for a name or a set of tags that by chance was there already.
_LEAST_SHARE_WRITTEN = 0.99


class NothingWritten(Exception):
    """A workload that is to write asked for what was there already."""


class WrongData(Exception):
    """The rows are not what the service itself would have stored."""


def check_keys(cursor: Any) -> None:
    """A thousand rows by the service's own rule: SQL put these two columns together."""
    cursor.execute(
        "SELECT full_name, email, phone, name_key, search_text, email_key"
        " FROM customer ORDER BY id DESC LIMIT 1000"
    )
    for full_name, email, phone, name_key, found, found_email in cursor.fetchall():
        if (name_key, found) != (comparison_key(full_name), search_text(full_name, email, phone)):
            raise WrongData(f"name_key or search_text of {full_name!r} differs from the service's")
        if found_email != (email_key(email) if email else None):
            raise WrongData("an email_key differs from the service's")


def check_written(workload: str, requests: int, events: int) -> None:
    """See that the requests of a workload that writes did write."""
    if events < _LEAST_SHARE_WRITTEN * requests:
        raise NothingWritten(f"{workload}: {requests:,} requests made only {events:,} changes")


def check_aggregates(cursor: Any, customers: list[str]) -> None:
    """The customers whose ledger SQL wrote, counted again by the service's own rule."""
    for customer_id in customers:
        cursor.execute(
            "SELECT total_orders, total_bookings, returned_orders, lifetime_value, first_order_date,"
            " last_order_date FROM customer JOIN customer_history ON customer_id = id WHERE id = %s",
            (customer_id,),
        )
        if list(cursor.fetchone()) != _counted_again(cursor, customer_id):
            raise WrongData(f"the aggregates of {customer_id} differ from its ledger")


def _counted_again(cursor: Any, customer_id: str) -> list[Any]:
    cursor.execute(
        "SELECT kind, status, amount, ordered_at, updated_at FROM customer_order WHERE customer_id = %s",
        (customer_id,),
    )
    orders = [Order(*row) for row in cursor.fetchall()]
    contributions = [order.contribution() for order in orders]
    days = [
        order.ordered_at.astimezone(datetime.UTC).date()
        for order, adds in zip(orders, contributions, strict=True)
        if adds.total_orders
    ]
    sums = [sum(getattr(adds, name) for adds in contributions) for name in _SUMMED]
    return [*sums, min(days), max(days)]
