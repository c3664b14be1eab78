"""The map of personal data: for every table, how the rows of a subject are found and what is done with them.

Which columns are exported and which are erased stands on the columns themselves (`models/base.py`). How a table is
reached follows from its columns; a table that needs another way says so in `_OTHER_WAYS`, one that holds nobody's
data in `HOLDS_NO_SUBJECT`. Export, erasure and scan walk over `TABLES`, so that a new table cannot be forgotten.
"""

import dataclasses
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, Text, Uuid, any_, bindparam, cast, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from bee_customers.models import Base, Customer, CustomerTag, IdempotencyKey, Tag
from bee_customers.services.access import array_of

# Tables without a row about anybody, and why.
HOLDS_NO_SUBJECT = {
    "import_run": "tells of a file and how far its import is; the file itself is in the operator's hands",
    "job_run": "tells of jobs of cron and when they last ended well",
    "erasure": "tells that somebody was erased, by an HMAC; it must outlive the subject",
    "erased_identity": "the HMACs that an erased subject would be known again by",
}
_CUSTOMERS = cast(bindparam("subject_customers"), ARRAY(Uuid))
_USERS = cast(bindparam("subject_users"), ARRAY(Uuid))
_OTHER_WAYS: dict[str, ColumnElement[bool]] = {
    # a user's rows are those of its customers, who have been found
    "customer": Customer.id == any_(_CUSTOMERS),
    # the names in the catalogue are everybody's; those that the subject carries are told to it
    "tag": Tag.id.in_(select(CustomerTag.tag_id).where(CustomerTag.customer_id == any_(_CUSTOMERS))),
    # replies about the subject, and those that it got itself
    "idempotency_key": or_(
        IdempotencyKey.customer_id == any_(_CUSTOMERS), IdempotencyKey.subject == any_(cast(_USERS, ARRAY(Text)))
    ),
}


@dataclasses.dataclass(frozen=True)
class PersonalTable:
    """`is_of_subject` is the condition of a subject's rows; give `parameters` with the statement."""

    table: Table
    is_of_subject: ColumnElement[bool]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def exported(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if "export" in marks_of(column)]

    @property
    def erased(self) -> list[Column[Any]]:
        return [column for column in self.table.columns if "erase" in marks_of(column)]

    def select(self, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
        """Some columns of the subject's rows, in the order of the primary key."""
        return select(*columns).where(self.is_of_subject).order_by(*self.table.primary_key.columns)


def marks_of(column: Column[Any]) -> frozenset[str]:
    """Some of `export` and `erase`, or `keep`; raises KeyError for a column without a mark."""
    return frozenset(column.info["privacy"].split("+"))


def parameters(user_id: uuid.UUID | None, customer_ids: Iterable[uuid.UUID]) -> dict[str, object]:
    """For statements that hold an `is_of_subject`."""
    return parameters_of_several([user_id] if user_id else [], customer_ids)


def parameters_of_several(user_ids: Iterable[uuid.UUID], customer_ids: Iterable[uuid.UUID]) -> dict[str, object]:
    """The same for the rows of many subjects at once."""
    return {"subject_users": never_empty(user_ids), "subject_customers": never_empty(customer_ids)}


def never_empty(identifiers: Iterable[uuid.UUID]) -> str:
    """With a NULL, which is nobody: of an empty one the planner cannot tell that an index without NULLs does."""
    return array_of([*identifiers, "NULL"])


def way_to(table: Table) -> ColumnElement[bool] | None:
    """The condition of a subject's rows; None where the table holds no subject.

    Raises LookupError for a table that nobody has said anything about and that does not speak for itself.
    """
    if table.name in HOLDS_NO_SUBJECT:
        return None
    if table.name in _OTHER_WAYS:
        return _OTHER_WAYS[table.name]
    ways = []
    if "customer_id" in table.columns:
        ways.append(table.columns["customer_id"] == any_(_CUSTOMERS))
    if "user_id" in table.columns:
        ways.append(table.columns["user_id"] == any_(_USERS))
    if not ways:
        raise LookupError(f"no way leads from a subject to the table {table.name}")
    return or_(*ways)


def tables_of(tables: Iterable[Table]) -> dict[str, PersonalTable]:
    ways = ((table, way_to(table)) for table in tables)
    return {table.name: PersonalTable(table, way) for table, way in ways if way is not None}


# Parents before what refers to them.
TABLES = tables_of(Base.metadata.sorted_tables)
