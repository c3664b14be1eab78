"""Changes of customers, committed as the service does it."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import transact
from bee_customers.events import outbox
from bee_customers.events.outbox import Outbox
from tests.client import Client
from tests.factories import new_customer

BUSINESS = uuid.uuid4()
_BATCH = 250


class Changes:
    """Of customers that have no row of their own: where events are many, they alone matter."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.versions: dict[uuid.UUID, int] = defaultdict(int)

    def commit(self, customers: Iterable[uuid.UUID]) -> None:
        """One more change of each, in a transaction each."""
        for customer in customers:
            transact(self._database, lambda unit, customer=customer: self.stage(unit.transaction, customer))
            self.versions[customer] += 1

    def commit_many(self, customers: int, versions: int) -> None:
        """That many changes of that many new customers, whose changes lie between those of the others."""
        ids = new_ids(customers)
        for _ in range(versions):
            for start in range(0, customers, _BATCH):
                self._commit_batch(ids[start : start + _BATCH])

    def stage(self, transaction: Transaction, customer: uuid.UUID, event_type: str = "", **details: str) -> None:
        """Write the event of a change, which the caller commits or not."""
        version = self.versions[customer] + 1
        Outbox(transaction, actor="ana", trace_id=f"{version:032x}").add(
            event_type or (outbox.CREATED if version == 1 else outbox.UPDATED),
            customer_id=customer,
            business_id=BUSINESS,
            customer_version=version,
            occurred_at=datetime.datetime.now(datetime.UTC),
            details={"changes": {"full_name": f"Ionuț {version}", **details}},
        )

    def _commit_batch(self, customers: list[uuid.UUID]) -> None:
        def stage_all(unit):
            for customer in customers:
                self.stage(unit.transaction, customer)

        transact(self._database, stage_all)
        for customer in customers:
            self.versions[customer] += 1


def new_ids(count: int) -> list[uuid.UUID]:
    return [uuid.uuid4() for _ in range(count)]


def create_and_rename(staff: Client, times: int = 2) -> uuid.UUID:
    """A customer of the API, created and then changed so many times."""
    customer = new_customer(staff)
    for number in range(times):
        response = staff.merge(f"/{customer['id']}", {"full_name": f"Ștefan {number}"})
        assert response.json["version"] == number + 2
    return uuid.UUID(customer["id"])
