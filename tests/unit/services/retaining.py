"""Times, settings and policies of what goes when its time is over."""

import datetime
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.services import retention
from bee_customers.services.customer_changes import utc_now
from bee_customers.settings import load
from bee_customers.storage.local import LocalStorage
from tests.functional import rows

DAY = datetime.timedelta(days=1)
NOW = utc_now()
SETTINGS = {
    "RETENTION_INACTIVE_CUSTOMERS": "30",
    "RETENTION_NOTES": "30",
    "RETENTION_PUBLISHED_EVENTS": "30",
    "RETENTION_IDEMPOTENCY_REPLIES": "30",
    "RETENTION_IMPORT_REJECTS": "30",
    "RETENTION_FINISHED_REQUESTS": "30",
}
WAITING = "SELECT pid FROM pg_locks WHERE NOT granted"
LONG_AGO, LATELY = NOW - 31 * DAY, NOW - 29 * DAY


def policy(name: str, database: Database, storage: LocalStorage, **settings: str) -> retention.Policy:
    found = retention.policies(database, storage, load({}, SETTINGS | settings))
    return next(one for one in found if one.name == name)


def run(name: str, database: Database, storage: LocalStorage, **settings: str) -> int:
    """Remove what is due, after counting it: the two must agree."""
    due = policy(name, database, storage, **settings)
    count = due.count(NOW)
    assert sum(due.remove(NOW)) == count
    assert due.count(NOW) == 0
    return count


def age(database: Database, customer: dict[str, Any], at: datetime.datetime = LONG_AGO) -> None:
    rows.set_customer(database, customer["id"], updated_at=at)
