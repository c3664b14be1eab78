"""A row of customers: its columns, and the rules that it must hold to."""

import datetime
import functools
import uuid

import uuid_utils

from bee_customers.errors import InvalidDocument, InvalidField
from bee_customers.services.imports.checks import (
    NULL,
    CheckedRow,
    FieldChecks,
    Refused,
    clean_tags,
    escaped,
    identifier,
    remembered,
    tag_faults,
)
from bee_customers.services.imports.columns import Columns
from bee_customers.services.imports.row import Row, RowFault
from bee_customers.services.order_rules import date_time
from bee_customers.services.rules import Rules
from bee_customers.services.text import comparison_key, email_key

FIELDS = ("id", "user_id", "business_id", "full_name", "email", "phone", "gender", "tags", "created_at")
COLUMNS = Columns(FIELDS, frozenset({"avatar_url", "total_orders", "lifetime_value", "version", "updated_at"}))
_ID, _USER, _BUSINESS, _NAME, _EMAIL, _TAGS = (
    FIELDS.index(name) for name in ("id", "user_id", "business_id", "full_name", "email", "tags")
)
# The columns of the text that a checked row is, in order; see staging.py.
STAGED = (
    *("id", "user_id", "business_id", "full_name", "name_key", "email", "email_key", "email_search"),
    *("phone", "gender", "created_at", "given", "new_id", "event_id"),
)
_KNOWN_BY = tuple(STAGED.index(name) for name in ("user_id", "id", "email_key"))
_IS_GIVEN = {name: 1 << index for index, name in enumerate(FIELDS)}
_MUST_BE_THERE = "must be there"


class CustomerRows:
    """Checks rows by the rules of the API. `business` is for files that do not name one; `tags` come on top."""

    columns = COLUMNS

    def __init__(
        self,
        rules: Rules,
        now: datetime.datetime,
        *,
        business: uuid.UUID | None = None,
        tags: tuple[str, ...] = (),
    ) -> None:
        self._now = now
        self._business = str(business) if business else None
        self._extra = tags
        by_field = rules.by_field
        self._fields = FieldChecks(
            FIELDS,
            {
                "id": identifier,
                "user_id": identifier,
                "business_id": remembered(identifier),
                "full_name": remembered(lambda value: _name(by_field["full_name"](value))),
                "email": lambda value: _email(by_field["email"](value)),
                "phone": by_field["phone"],
                "gender": remembered(by_field["gender"]),
                "created_at": self._created_at,
            },
            {"full_name": f"{NULL}\t{NULL}", "email": f"{NULL}\t{NULL}\t{NULL}"},
        )
        self._tags = functools.lru_cache(maxsize=65_536)(self._with_extra)

    def check(self, row: Row) -> CheckedRow:
        """Raises Refused with every fault."""
        values, faults = row.values, list[RowFault]()
        texts = self._fields.texts(values, faults)
        if row.given & _IS_GIVEN["full_name"] and values[_NAME] is None:
            faults.append(RowFault("full_name", _MUST_BE_THERE))
        if self._business and values[_BUSINESS] is None:
            texts[_BUSINESS] = self._business
        tags = self._checked_tags(values[_TAGS], faults)
        if faults:
            raise Refused(faults)
        user, own, business, email = _identities(texts)
        del texts[_TAGS]
        new_id = texts[_ID] if texts[_ID] != NULL else str(uuid_utils.uuid7())
        text = "\t".join((*texts, str(row.given), new_id, str(uuid_utils.uuid7())))
        keys = ((own,) if own else ()) + ((f"{business} {user}",) if user else ())
        return CheckedRow(row.line, row.raw, text, tags, keys, email)

    def _checked_tags(self, names: object, faults: list[RowFault]) -> tuple[str, ...]:
        try:
            if names is None:
                return self._extra
            # a tuple is what a CSV cell was taken apart into; JSON may hold anything
            return self._tags(names) if isinstance(names, tuple) else self._with_extra(names)
        except (InvalidField, InvalidDocument) as error:
            faults += tag_faults(error)
            return ()

    def _with_extra(self, names: object) -> tuple[str, ...]:
        return clean_tags((*clean_tags(names), *self._extra))

    def _created_at(self, value: object) -> str:
        time = date_time(value)
        if time > self._now:
            raise InvalidField("must not be in the future")
        return time.isoformat()


def _name(name: str) -> str:
    return f"{escaped(name)}\t{escaped(comparison_key(name))}"


def _email(email: str) -> str:
    return f"{escaped(email)}\t{escaped(email_key(email))}\t{escaped(comparison_key(email))}"


def _identities(texts: list[str]) -> list[str | None]:
    """user_id, id, business_id and the key of the e-mail."""
    found = texts[_USER], texts[_ID], texts[_BUSINESS], texts[_EMAIL].split("\t")[1]
    return [None if text == NULL else text for text in found]


def identities(row: CheckedRow) -> tuple[str | None, str | None, str, str | None]:
    """user_id, id, business_id and the key of the e-mail: what the register of the erased knows people by."""
    texts = row.text.split("\t")
    user, own, email = (None if texts[at] == NULL else texts[at] for at in _KNOWN_BY)
    return user, own, texts[STAGED.index("business_id")], email
