"""Customers in a database, made by the service itself."""

import itertools
import uuid
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.events.outbox import Outbox
from bee_customers.services import customer_documents
from bee_customers.services.access import Scope
from bee_customers.services.customers import CustomerService
from bee_customers.services.rules import Rules
from tests.factories import BUSINESS

EVERYWHERE = Scope(businesses=None)
_numbers = itertools.count(1)


def add(database: Database, **fields: Any) -> dict[str, Any]:
    """Create a customer; returns its document."""
    new = {"full_name": f"Ana Pop {next(_numbers)}", "business_id": uuid.UUID(BUSINESS), **fields}

    def create(unit: Any) -> dict[str, Any]:
        outbox = Outbox(unit.transaction, actor="ana", trace_id="t")
        service = CustomerService(unit.transaction, outbox, Rules("RO"), avatars=None)  # type: ignore[arg-type]
        return service.create(EVERYWHERE, new)

    return transact(database, create)


def shown(database: Database, customer: dict[str, Any]) -> dict[str, Any]:
    """The document as GET gives it now."""
    return customer_documents.get(database, EVERYWHERE, uuid.UUID(customer["id"]))
