"""Creating, changing and deleting a customer: the only place where that happens, event included."""

import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

import uuid_utils.compat
from sqlalchemy import Uuid, bindparam, cast, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bee_customers.errors import BusinessNotAllowed, CustomerExists, CustomerNotFound, VersionMismatch
from bee_customers.events import outbox as events
from bee_customers.events.outbox import Outbox
from bee_customers.models import Customer, CustomerHistory, Event, IdempotencyKey
from bee_customers.services import customer_documents as documents
from bee_customers.services.access import Scope
from bee_customers.services.customer_documents import Document
from bee_customers.services.rules import PROFILE_FIELDS, Rules
from bee_customers.services.tags import TagService
from bee_customers.services.text import comparison_key, search_text

Edit = Callable[[Document], Document]
Clock = Callable[[], datetime.datetime]

_LOCK = (
    select(Customer)
    .where(Customer.id == cast(bindparam("customer_id"), Uuid), documents.is_reachable())
    .with_for_update()
)
_INSERT = insert(Customer.__table__)  # type: ignore[arg-type]
_INSERT_HISTORY = insert(CustomerHistory.__table__)  # type: ignore[arg-type]
_FIND_USER = select(Customer.id).where(
    Customer.business_id == bindparam("business_id"), Customer.user_id == bindparam("user_id")
)


def utc_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class CustomerService:
    """Works in the caller's transaction: it never commits."""

    def __init__(self, session: Session, outbox: Outbox, rules: Rules, clock: Clock = utc_now) -> None:
        self._session = session
        self._outbox = outbox
        self._rules = rules
        self._tags = TagService(session)
        self._clock = clock

    def create(self, scope: Scope, new: dict[str, Any]) -> Document:
        """Store a new customer from checked fields; returns its document.

        Raises BusinessNotAllowed, and CustomerExists with the id of the one already there.
        """
        if not scope.covers(new["business_id"]):
            raise BusinessNotAllowed("the token is for other businesses")
        customer = self._insert(new)
        wanted: list[str] = new.get("tags") or []
        tags = self._tags.replace(customer.id, wanted, customer.created_at) if wanted else []
        document = documents.of_entity(customer, tags)
        self._announce(events.CREATED, customer, {"changes": _initial_values(document)})
        return document

    def update(
        self, scope: Scope, customer_id: uuid.UUID, edit: Edit, versions: frozenset[int] | None
    ) -> Document:
        """Apply `edit` to the customer's document and store what changed.

        `versions` are those the caller accepts to build upon, None for any. Concurrent calls for one
        customer take turns on its row. Without a change nothing is written, no version, no event.
        Raises CustomerNotFound, VersionMismatch, InvalidDocument, and what `edit` raises.
        """
        customer = self._lock(scope, customer_id, versions)
        # A statement of its own, after the lock: a subquery in the locking one would show the
        # tags as they were before the wait, and a concurrent change of tags would be lost.
        before = documents.of_entity(customer, self._tags.carried_by(customer.id))
        changes = self._changes(before, edit(before))
        if not changes:
            return before
        self._store(customer, changes)
        if "tags" in changes:
            changes["tags"] = self._tags.replace(customer.id, changes["tags"], customer.updated_at)
        self._announce(events.UPDATED, customer, {"changes": changes})
        return documents.of_entity(customer, changes["tags"] if "tags" in changes else before["tags"])

    def delete(self, scope: Scope, customer_id: uuid.UUID, versions: frozenset[int] | None) -> None:
        """Remove a customer and all that is kept about it; what was announced keeps its ids only.

        Raises CustomerNotFound and VersionMismatch.
        """
        customer = self._lock(scope, customer_id, versions)
        self._session.execute(
            update(Event).where(Event.customer_id == customer.id).values(payload=Event.payload.op("-")("changes"))
        )
        self._session.execute(delete(IdempotencyKey).where(IdempotencyKey.customer_id == customer.id))
        self._session.execute(delete(Customer).where(Customer.id == customer.id))
        customer.version += 1
        customer.updated_at = self._clock()
        self._announce(events.DELETED, customer, {"reason": "deleted"})

    def _insert(self, new: dict[str, Any]) -> Customer:
        now = self._clock()
        values = {name: new.get(name) for name in ("user_id", "full_name", "email", "phone", "gender")}
        values |= {
            "id": uuid_utils.compat.uuid7(),
            "business_id": new["business_id"],
            "total_orders": 0,
            "lifetime_value": decimal.Decimal("0.00"),
            "version": 1,
            "created_at": now,
            "updated_at": now,
            **_derived(values["full_name"], values["email"], values["phone"]),
        }
        try:
            self._session.execute(_INSERT, values)
        except IntegrityError as error:
            raise self._exists(error, new) from None
        self._session.execute(
            _INSERT_HISTORY, {"customer_id": values["id"], "returned_orders": 0, "total_bookings": 0}
        )
        return Customer(**values)

    def _exists(self, error: IntegrityError, new: dict[str, Any]) -> Exception:
        self._session.rollback()
        existing = self._session.scalar(_FIND_USER, {name: new.get(name) for name in ("business_id", "user_id")})
        return CustomerExists(existing) if existing else error

    def _lock(self, scope: Scope, customer_id: uuid.UUID, versions: frozenset[int] | None) -> Customer:
        parameters = {"customer_id": str(customer_id), **scope.parameters()}
        customer = self._session.scalar(_LOCK, parameters)
        if customer is None or not scope.covers(customer.business_id):
            raise CustomerNotFound("no such customer")
        if versions is not None and customer.version not in versions:
            raise VersionMismatch(customer.version)
        return customer

    def _changes(self, before: Document, after: Document) -> dict[str, Any]:
        """The clean new values of what really changed; only what was touched is checked again."""
        touched = [name for name in PROFILE_FIELDS if after.get(name) != before[name]]
        profile = self._rules.profile(after, touched)
        if "tags" in profile and _keys(profile["tags"]) == _keys(before["tags"]):
            del profile["tags"]
        return {name: value for name, value in profile.items() if value != before[name]}

    def _store(self, customer: Customer, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if name != "tags":
                setattr(customer, name, value)
        derived = _derived(customer.full_name, customer.email, customer.phone)
        customer.name_key, customer.search_text = derived["name_key"], derived["search_text"]
        customer.version += 1
        customer.updated_at = self._clock()
        self._session.flush()

    def _announce(self, event_type: str, customer: Customer, details: dict[str, Any]) -> None:
        self._outbox.add(
            event_type,
            customer_id=customer.id,
            business_id=customer.business_id,
            customer_version=customer.version,
            occurred_at=customer.updated_at,
            details=details,
        )


def _keys(tags: list[str]) -> set[str]:
    return {comparison_key(tag) for tag in tags}


def _derived(full_name: Any, email: Any, phone: Any) -> dict[str, str]:
    return {"name_key": comparison_key(full_name), "search_text": search_text(full_name, email, phone)}


def _initial_values(document: Document) -> Document:
    names = ("user_id", "full_name", "email", "phone", "gender", "tags")
    return {name: document[name] for name in names if document[name] not in (None, [])}
