"""A row of orders and bookings: its columns, and the rules that it must hold to."""

import uuid

from bee_customers.services import order_rules
from bee_customers.services.imports.checks import (
    NULL,
    CheckedRow,
    FieldChecks,
    Refused,
    escaped,
    identifier,
    remembered,
)
from bee_customers.services.imports.columns import Columns
from bee_customers.services.imports.row import Row, RowFault
from bee_customers.services.rules import Rules
from bee_customers.services.text import email_key

_WHOSE = ("customer_id", "user_id", "business_id", "email")
_ENTRY = ("order_id", "kind", "status", "amount", "ordered_at", "updated_at")
FIELDS = (*_WHOSE, *_ENTRY)
COLUMNS = Columns(FIELDS, frozenset())
_BUSINESS = FIELDS.index("business_id")
_NOBODY = RowFault("customer_id", "must be there, or business_id with user_id or email")


class OrderRows:
    """Checks rows by the rules of the API; `business` is for files that do not name one."""

    columns = COLUMNS

    def __init__(self, rules: Rules, *, business: uuid.UUID | None = None) -> None:
        self._business = str(business) if business else None
        by_field = order_rules.BY_FIELD
        self._fields = FieldChecks(
            FIELDS,
            {
                "customer_id": identifier,
                "user_id": identifier,
                "business_id": remembered(identifier),
                "email": lambda value: escaped(email_key(rules.by_field["email"](value))),
                "order_id": lambda value: escaped(order_rules.order_id(value)),
                "kind": remembered(by_field["kind"]),
                "status": remembered(by_field["status"]),
                "amount": remembered(lambda value: str(order_rules.amount(value))),
                "ordered_at": remembered(_time),
                "updated_at": remembered(_time),
            },
            {},
        )

    def check(self, row: Row) -> CheckedRow:
        """Raises Refused with every fault."""
        values, faults = row.values, list[RowFault]()
        texts = self._fields.texts(values, faults)
        if self._business and values[_BUSINESS] is None:
            texts[_BUSINESS] = self._business
        if None in values[len(_WHOSE) :]:
            entry = zip(_ENTRY, values[len(_WHOSE) :], strict=True)
            faults += [RowFault(name, "must be there") for name, value in entry if value is None]
        customer, user, business, email = texts[: len(_WHOSE)]
        if customer == NULL and (business == NULL or (user == NULL and email == NULL)) and not faults:
            faults.append(_NOBODY)
        if faults:
            raise Refused(faults)
        return CheckedRow(row.line, row.raw, "\t".join(texts), ())


def _time(value: object) -> str:
    return order_rules.date_time(value).isoformat()
