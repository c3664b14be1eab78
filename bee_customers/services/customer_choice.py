"""Whom an operator means: whoever some filters leave, or a list of ids; given out in batches by id."""

import codecs
import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Iterator, Sequence

from bee_customers.db.engine import Database
from bee_customers.errors import BadLines, InvalidField
from bee_customers.services import customer_lists
from bee_customers.services.access import Scope
from bee_customers.services.customer_lists import Filters
from bee_customers.services.order_rules import AMOUNT_MOST
from bee_customers.services.rules import identifier

BATCH = 5000
_EVERYWHERE = Scope(businesses=None)
_BEFORE_ALL = uuid.UUID(int=0)


@dataclasses.dataclass(frozen=True)
class ByFilter:
    """Those that the filters leave; one that comes to match while a batch is worked on may be missed."""

    filters: Filters

    def leaves_anybody_out(self, now: datetime.datetime) -> bool:
        """Whether there can be customers whom it does not choose: amounts and counts from 0 on are of all."""
        given = self.filters
        saying = dataclasses.replace(
            given,
            min_lifetime_value=given.min_lifetime_value or None,
            max_lifetime_value=None if given.max_lifetime_value == AMOUNT_MOST else given.max_lifetime_value,
            min_orders=given.min_orders or None,
            created_to=None if given.created_to and given.created_to > now else given.created_to,
        )
        return saying != Filters()

    def count(self, database: Database) -> int:
        return customer_lists.count_exact(database, _EVERYWHERE, self.filters)

    def batches(self, database: Database) -> Iterator[list[uuid.UUID]]:
        position = _BEFORE_ALL
        while ids := customer_lists.ids_after(database, self.filters, position, BATCH):
            position = ids[-1]
            yield ids


@dataclasses.dataclass(frozen=True)
class ByIds:
    """Those that are named, whether they are there or not."""

    ids: Sequence[uuid.UUID]

    def count(self, database: Database) -> int:
        return len(set(self.ids))

    def batches(self, database: Database) -> Iterator[list[uuid.UUID]]:
        ids = sorted(set(self.ids))
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]


Choice = ByFilter | ByIds


def read_ids(lines: Iterable[bytes]) -> ByIds:
    """The ids of a file, one a line; blank lines and a first line `id` are passed over.

    Raises BadLines where any other line is none.
    """
    ids, bad = [], []
    for number, line in enumerate(lines, 1):
        word = line.removeprefix(codecs.BOM_UTF8).strip()
        if not word or (number == 1 and word.lower() == b"id"):
            continue
        try:
            ids.append(identifier(word.decode("ascii")))
        except (UnicodeDecodeError, InvalidField):
            bad.append(number)
    if bad:
        raise BadLines(bad, "is no UUID such as 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d")
    return ByIds(ids)
