"""Creating, changing and deleting a customer: the only place where that happens, event included."""

import datetime
import decimal
import uuid
from collections.abc import Callable
from typing import Any

import uuid_utils.compat
from psycopg2.errors import UniqueViolation
from sqlalchemy import bindparam, delete, insert, select, update

from bee_customers.db.transaction import Transaction
from bee_customers.errors import BusinessNotAllowed, CustomerExists, TagNotFound
from bee_customers.events import outbox
from bee_customers.events.outbox import Outbox
from bee_customers.models import Customer, CustomerHistory, Event, IdempotencyKey
from bee_customers.services import customer_documents as documents
from bee_customers.services.access import Scope
from bee_customers.services.avatar_files import AvatarFiles
from bee_customers.services.customer_changes import (
    COLUMNS,
    Clock,
    LockedCustomer,
    announce,
    lock,
    store,
    utc_now,
)
from bee_customers.services.customer_documents import Document
from bee_customers.services.rules import PROFILE_FIELDS, Rules
from bee_customers.services.tags import TagService
from bee_customers.services.text import comparison_key, email_key, search_text

Edit = Callable[[Document], Document]

_OWNER = "owner_id"
_INSERT = outbox.with_event(
    insert(Customer.__table__).values({name: bindparam(f"new_{name}") for name in COLUMNS}),  # type: ignore[arg-type]
    insert(CustomerHistory.__table__).values(customer_id=bindparam("new_id")),  # type: ignore[arg-type]
)
_FIND_USER = select(Customer.id).where(
    Customer.business_id == bindparam("business_id"), Customer.user_id == bindparam("user_id")
)
_STRIP_EVENTS = (
    update(Event.__table__)  # type: ignore[arg-type]
    .where(Event.customer_id == bindparam(_OWNER))
    .values(payload=Event.payload.op("-")("changes"))
)
_DELETE_REPLIES = delete(IdempotencyKey).where(IdempotencyKey.customer_id == bindparam(_OWNER))
_DELETE = outbox.with_event(delete(Customer.__table__).where(Customer.id == bindparam(_OWNER)))  # type: ignore[arg-type]


class CustomerService:
    """Works in the caller's transaction: it never commits."""

    def __init__(
        self,
        transaction: Transaction,
        outbox: Outbox,
        rules: Rules,
        avatars: AvatarFiles,
        clock: Clock = utc_now,
    ) -> None:
        self._transaction = transaction
        self._outbox = outbox
        self._rules = rules
        self._avatars = avatars
        self._tags = TagService(transaction)
        self._clock = clock

    def create(self, scope: Scope, new: dict[str, Any]) -> Document:
        """Store a new customer from checked fields; returns its document.

        Raises BusinessNotAllowed, and CustomerExists with the id of the one already there.
        """
        if not scope.covers(new["business_id"]):
            raise BusinessNotAllowed("the token is for other businesses")
        customer = _new_customer(new, self._clock())
        # held only once the customer is there: its INSERT may wait for one with the same user
        tags = self._tags.ensure(new.get("tags") or [], customer.created_at, is_held=False)
        document = documents.of_customer(customer, list(tags))
        self._insert(customer, {"changes": _initial_values(document)})
        self._tags.attach(customer.id, tags, customer.created_at)
        return document

    def update(
        self, scope: Scope, customer_id: uuid.UUID, edit: Edit, versions: frozenset[int] | None
    ) -> Document:
        """Apply `edit` to the customer's document and store what changed.

        `versions` are those the caller accepts to build upon, None for any. Concurrent calls for one
        customer take turns on its row. Without a change nothing is written, no version, no event.
        Raises CustomerNotFound, VersionMismatch, InvalidDocument, and what `edit` raises.
        """
        customer = lock(self._transaction, scope, customer_id, versions)
        before = documents.of_customer(customer, self._tags.carried_by(customer.id))
        changes = self._changes(before, edit(before))
        if not changes:
            return before
        now = self._clock()
        if "tags" in changes:
            changes["tags"] = self._tags.replace(customer.id, changes["tags"], now)
        for name in changes.keys() - {"tags"}:
            setattr(customer, name, changes[name])
        _derive(customer)
        store(self._outbox, customer, now, changes)
        return documents.of_customer(customer, changes["tags"] if "tags" in changes else before["tags"])

    def attach_tags(
        self, scope: Scope, customer_id: uuid.UUID, names: list[str], *, may_create: bool
    ) -> list[str]:
        """Attach tags and return all the customer carries then; as one update.

        Raises CustomerNotFound, and InvalidDocument for a 51st tag, or for an unknown one unless `may_create`.
        """

        def with_names(document: Document) -> Document:
            # not before the customer is locked: customers come before tags
            if not may_create:
                self._tags.check_known(names)
            carried = _keys(document["tags"])
            added = [name for name in names if comparison_key(name) not in carried]
            return {**document, "tags": [*document["tags"], *added]}

        tags: list[str] = self.update(scope, customer_id, with_names, None)["tags"]
        return tags

    def detach_tag(self, scope: Scope, customer_id: uuid.UUID, name: str) -> None:
        """Take a tag off, as one update; raises CustomerNotFound, and TagNotFound where it is not carried."""
        key = comparison_key(name)

        def without(document: Document) -> Document:
            kept = [tag for tag in document["tags"] if comparison_key(tag) != key]
            if len(kept) == len(document["tags"]):
                raise TagNotFound("the customer does not carry this tag")
            return {**document, "tags": kept}

        self.update(scope, customer_id, without, None)

    def delete(self, scope: Scope, customer_id: uuid.UUID, versions: frozenset[int] | None) -> None:
        """Remove a customer and all that is kept about it; what was announced keeps its ids only.

        Raises CustomerNotFound and VersionMismatch.
        """
        customer = lock(self._transaction, scope, customer_id, versions)
        parameters = {_OWNER: customer.id}
        for statement in (_STRIP_EVENTS, _DELETE_REPLIES):
            self._transaction.run(statement, parameters)
        self._avatars.remove(customer.avatar_url)
        customer.version += 1
        customer.updated_at = self._clock()
        announce(self._outbox, outbox.DELETED, customer, {"reason": "deleted"}, _DELETE, parameters)

    def _insert(self, customer: LockedCustomer, details: dict[str, Any]) -> None:
        values = {f"new_{name}": getattr(customer, name) for name in COLUMNS}
        try:
            announce(self._outbox, outbox.CREATED, customer, details, _INSERT, values)
        except UniqueViolation as error:
            raise self._exists(error, customer) from None

    def _exists(self, error: UniqueViolation, customer: LockedCustomer) -> Exception:
        self._transaction.rollback()
        user = {"business_id": customer.business_id, "user_id": customer.user_id}
        existing = self._transaction.run(_FIND_USER, user).rows
        return CustomerExists(existing[0][0]) if existing else error

    def _changes(self, before: Document, after: Document) -> dict[str, Any]:
        """The clean new values of what really changed; only what was touched is checked again."""
        touched = [name for name in PROFILE_FIELDS if after.get(name) != before[name]]
        profile = self._rules.profile(after, touched)
        if "tags" in profile and _keys(profile["tags"]) == _keys(before["tags"]):
            del profile["tags"]
        return {name: value for name, value in profile.items() if value != before[name]}


def _new_customer(new: dict[str, Any], now: datetime.datetime) -> LockedCustomer:
    customer = LockedCustomer(
        id=uuid_utils.compat.uuid7(),
        user_id=new.get("user_id"),
        business_id=new["business_id"],
        full_name=new["full_name"],
        email=new.get("email"),
        phone=new.get("phone"),
        gender=new.get("gender"),
        avatar_url=None,
        total_orders=0,
        lifetime_value=decimal.Decimal("0.00"),
        version=1,
        name_key="",
        search_text="",
        email_key=None,
        created_at=now,
        updated_at=now,
    )
    _derive(customer)
    return customer


def _keys(tags: list[str]) -> set[str]:
    return {comparison_key(tag) for tag in tags}


def _derive(customer: LockedCustomer) -> None:
    """Set what search and sorting use from what it is made of."""
    customer.name_key = comparison_key(customer.full_name)
    customer.search_text = search_text(customer.full_name, customer.email, customer.phone)
    customer.email_key = email_key(customer.email) if customer.email else None


def _initial_values(document: Document) -> Document:
    names = ("user_id", "full_name", "email", "phone", "gender", "tags")
    return {name: document[name] for name in names if document[name] not in (None, [])}
