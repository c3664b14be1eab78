"""What an operator may choose of an import, and what that means for its parts."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from bee_customers.services.bulk_changes import Acting
from bee_customers.services.imports.batches import RowCheck
from bee_customers.services.imports.columns import Columns
from bee_customers.services.imports.csv_rows import CsvRows
from bee_customers.services.imports.customer_merge import CustomerMerge
from bee_customers.services.imports.customer_rows import COLUMNS as CUSTOMER_COLUMNS
from bee_customers.services.imports.customer_rows import CustomerRows
from bee_customers.services.imports.erased import Erased
from bee_customers.services.imports.json_rows import JsonRows
from bee_customers.services.imports.merging import Merge, WhenStaged
from bee_customers.services.imports.order_merge import OrderMerge
from bee_customers.services.imports.order_rows import COLUMNS as ORDER_COLUMNS
from bee_customers.services.imports.order_rows import OrderRows
from bee_customers.services.imports.row import Rows
from bee_customers.services.imports.source import Source
from bee_customers.services.rules import Rules

CUSTOMERS, ORDERS = "customers", "orders"
CSV, JSON_LINES = "csv", "jsonl"
FORMATS = (CSV, JSON_LINES)
COLUMNS: dict[str, Columns] = {CUSTOMERS: CUSTOMER_COLUMNS, ORDERS: ORDER_COLUMNS}
# Large enough for the statements of a batch to cost nothing beside its rows, small enough to be kept in a second.
BATCH = 10_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """`business` is for files that name none, `tags` are given to all customers of the file."""

    kind: str
    path: str
    on_conflict: str
    format: str | None = None
    mapping: Mapping[str, str] = dataclasses.field(default_factory=dict)
    business: uuid.UUID | None = None
    tags: tuple[str, ...] = ()
    with_events: bool = True
    is_dry_run: bool = False
    rejects: str | None = None
    is_resuming: bool = False
    is_restarting: bool = False
    batch: int = BATCH

    def stored(self) -> dict[str, Any]:
        """What must be the same when an import is resumed."""
        return {
            "--on-conflict": self.on_conflict,
            "--map": dict(self.mapping),
            "--business": str(self.business) if self.business else None,
            "--tag": list(self.tags),
            "--no-events": not self.with_events,
        }

    def rows(self, source: Source) -> Rows:
        """Raises UnreadableFile and WrongColumns."""
        names = COLUMNS[self.kind].names(self.mapping)
        is_json = source.begins_with == b"{" if self.format is None else self.format == JSON_LINES
        return JsonRows(source, names) if is_json else CsvRows(source, names)

    def check(self, rules: Rules, now: datetime.datetime) -> RowCheck:
        if self.kind == ORDERS:
            return OrderRows(rules, business=self.business)
        return CustomerRows(rules, now, business=self.business, tags=self.tags)

    def merge(self, acting: Acting, erased: Erased | None, when_staged: WhenStaged | None = None) -> Merge:
        if self.kind == ORDERS:
            return OrderMerge(self.on_conflict, when_staged)
        return CustomerMerge(self.on_conflict, acting, erased, when_staged)
