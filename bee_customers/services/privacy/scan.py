"""Looking through every table and every store for subjects that should be gone."""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, all_, any_, bindparam, cast, func, literal, select, true, union_all
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from bee_customers.db.engine import Database
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.models import Customer, CustomerNote, Event, PrivacyRequest
from bee_customers.services.access import array_of
from bee_customers.services.privacy import footprints, personal_data
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.requests import ERASURE, PrivacyRequests
from bee_customers.services.privacy.stores import Store
from bee_customers.services.privacy.subjects import Subject, SubjectHashes

_USERS = cast(cast(bindparam("subject_users"), ARRAY(UUID)), ARRAY(Text))
_REQUESTS = cast(bindparam("own_requests"), ARRAY(UUID))
# What may stay: events without values, which consumers must still hear of, and the request that is carried out.
_WHAT_IS_LEFT: dict[str, ColumnElement[bool]] = {
    "event": Event.payload.has_key("changes"),
    "privacy_request": PrivacyRequest.id != all_(_REQUESTS),
}
# Customers that came while the others went, and where a user is named for what it did to others.
_NAMES: dict[str, ColumnElement[bool]] = {
    "customer.user_id": Customer.user_id == any_(cast(bindparam("subject_users"), ARRAY(UUID))),
    "event.actor": (func.length(Event.actor) == 36) & (Event.actor == any_(_USERS)),
    "customer_note.author": CustomerNote.author == any_(_USERS),
    "privacy_request.cancelled_by": PrivacyRequest.cancelled_by == any_(_USERS),
}


def _count(place: str, condition: ColumnElement[bool]) -> Any:
    return select(literal(place).label("place"), func.count().label("found")).where(condition)


_SCAN = union_all(
    *(
        _count(table.name, table.is_of_subject & _WHAT_IS_LEFT.get(table.name, true()))
        for table in personal_data.TABLES.values()
    ),
    *(_count(place, condition) for place, condition in _NAMES.items()),
)
# The catalogue is everybody's; and a user's customers are counted once.
_NOT_DESTROYED = ("tag", "customer.user_id")
PLACES = (*map(str, personal_data.TABLES), *_NAMES)


def count(
    transaction: Transaction, footprints: Sequence[Footprint], own_requests: Sequence[uuid.UUID] = ()
) -> Counter[str]:
    """How many rows of each table are about any of these subjects, leaving out those requests."""
    users = [one.user_id for one in footprints if one.user_id]
    customers = [customer for one in footprints for customer in one.customer_ids]
    parameters = personal_data.parameters_of_several(users, customers)
    rows = transaction.run(_SCAN, {**parameters, "own_requests": array_of(own_requests)}).rows
    return Counter({place: found for place, found in rows if found})


def survey(database: Database, stores: Sequence[Store], hashes: SubjectHashes, subject: Subject) -> dict[str, int]:
    """How much an erasure would destroy, by table and store; only where there is any. Raises SubjectHasUser."""

    def work(unit: UnitOfWork) -> tuple[Footprint, Counter[str]]:
        footprint = footprints.gather(unit.transaction, subject, hashes)
        request = PrivacyRequests(unit.transaction, hashes).unfinished(ERASURE, subject)
        return footprint, count(unit.transaction, [footprint], [request.id] if request else [])

    footprint, found = transact(database, work)
    for place in _NOT_DESTROYED:
        del found[place]
    stored = {store.name: sum(store.scan([footprint])) for store in stores}
    return {**found, **{name: there for name, there in stored.items() if there}}
