"""From checked rows to customers, tags and events: a few statements for a whole batch."""

import datetime
import itertools
from collections.abc import Iterable, Sequence

from sqlalchemy.sql.base import Executable

from bee_customers.db.transaction import Transaction
from bee_customers.errors import RowExists, TransactionConflict
from bee_customers.events import outbox
from bee_customers.services.bulk_changes import Acting, wake_relay
from bee_customers.services.imports import customer_sql as sql
from bee_customers.services.imports.checks import CheckedRow
from bee_customers.services.imports.customer_rows import identities
from bee_customers.services.imports.erased import Erased
from bee_customers.services.imports.merging import WhenStaged
from bee_customers.services.imports.outcome import Outcome
from bee_customers.services.imports.row import RowFault
from bee_customers.services.imports.staging import BY_INDEX, array
from bee_customers.services.imports.turns import crossed
from bee_customers.services.rules import TAGS_MOST
from bee_customers.services.tags import TagService
from bee_customers.services.text import comparison_key

SKIP, UPDATE, FAIL = "skip", "update", "fail"
ON_CONFLICT = (SKIP, UPDATE, FAIL)
_ERASED = RowFault("", "is of a person who was erased")
_TABLES = (sql.STAGED, sql.MATCHED, sql.CHANGED)


class CustomerMerge:
    """`on_conflict` is what happens to customers who are there already; nobody who is `erased` is made anew.

    `when_staged` is called as soon as the rows are in their table.
    """

    def __init__(
        self, on_conflict: str, acting: Acting, erased: Erased | None, when_staged: WhenStaged | None = None
    ) -> None:
        self._on_conflict = on_conflict
        self._acting = acting
        self._erased = erased
        self._when_staged = when_staged

    def merge(self, transaction: Transaction, rows: Sequence[CheckedRow], now: datetime.datetime) -> Outcome:
        """In the caller's transaction; raises RowExists, and TransactionConflict where the same may succeed."""
        this = _Round(transaction, self._on_conflict, self._acting, now)
        this.stage(rows)
        if self._when_staged:
            self._when_staged(transaction)
        is_asked = self._erased is not None and self._erased.refresh(transaction)
        return this.run(rows, self._erased if is_asked else None)


class _Round:
    def __init__(self, transaction: Transaction, on_conflict: str, acting: Acting, now: datetime.datetime) -> None:
        self._transaction = transaction
        self._on_conflict = on_conflict
        self._acting = acting
        self._now = now
        self._outcome = Outcome()

    def run(self, rows: Sequence[CheckedRow], erased: Erased | None) -> Outcome:
        matched = self._run(sql.MATCH)
        if matched and self._on_conflict != SKIP:
            self._lock(rows)
        # before anything is refused: what others of the batch change first may be the reason
        self._outcome.later = self._put_off(rows)
        self._drop(self._outcome.later)
        if matched:
            self._settle_matched(rows)
        self._refuse(sql.REFUSED_NEW)
        if erased:
            self._refuse_erased(rows, erased)
        self._create()
        self._forget_tags(rows)
        if self._acting.with_events:
            wake_relay(self._transaction)
        return self._outcome

    def stage(self, rows: Sequence[CheckedRow]) -> None:
        for table in _TABLES:
            table.make_empty(self._transaction)
        self._transaction.run(BY_INDEX)
        arrays = self._arrays_of_tags(dict.fromkeys(row.tags for row in rows))
        lines = [f"{n}\t{row.text}\t{arrays[row.tags]}" for n, row in enumerate(rows)]
        sql.STAGED.fill(self._transaction, lines)

    def _arrays_of_tags(self, sets: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
        """Each set of names as an array of the catalogue's ids; what it lacks is created, as first written."""
        names: dict[str, str] = {}
        for name in itertools.chain.from_iterable(sets):
            names.setdefault(comparison_key(name), name)
        # not held: customers, who are locked before tags, are locked only now
        found = TagService(self._transaction).ensure(list(names.values()), self._now, is_held=False)
        ids = {comparison_key(name): str(tag_id) for name, tag_id in found.items()}
        return {each: array(sorted(ids[comparison_key(name)] for name in each)) for each in sets}

    def _lock(self, rows: Sequence[CheckedRow]) -> None:
        is_gone = self._run(sql.LOCK) != self._number(sql.COUNT_MATCHED)
        if is_gone or (any(not row.keys for row in rows) and self._number(sql.COUNT_MOVED)):
            raise TransactionConflict("a customer was deleted, or got another e-mail address, at this moment")

    def _put_off(self, rows: Sequence[CheckedRow]) -> list[int]:
        """Rows that may depend on what an earlier one does."""
        later = crossed(rows)
        if self._on_conflict != SKIP:
            return sorted({*later, *self._places(sql.LATER)})
        # a customer who is there already is left as it is
        return crossed(rows, set(self._places(sql.MATCHED_PLACES))) if later else later

    def _settle_matched(self, rows: Sequence[CheckedRow]) -> None:
        self._refuse(sql.REFUSED_MATCHES)
        first = self._number(sql.FIRST_MATCHED)
        if first is not None and self._on_conflict == FAIL:
            raise RowExists(rows[first].line, "the customer")
        if first is not None and self._on_conflict == UPDATE:
            self._update()
        left = self._run(sql.DROP_MATCHED)
        if self._on_conflict == SKIP:
            self._outcome.counts["skipped"] += left
        else:
            self._outcome.counts["unchanged"] += left - self._outcome.counts["updated"]

    def _update(self) -> None:
        changed = self._run(sql.CHANGE)
        crowded = self._places(sql.TOO_MANY_TAGS)
        if crowded:
            self._note(crowded, RowFault("tags", f"the customer would carry more than {TAGS_MOST} tags"))
            self._run(sql.DROP_CHANGED, dropped=array(crowded))
            self._drop(crowded)
        if changed == len(crowded):
            return
        for statement in (sql.STORE, sql.DETACH, sql.ATTACH):
            self._run(statement, now=self._now)
        self._tell(sql.TELL_CHANGED, outbox.UPDATED)
        self._outcome.counts["updated"] = changed - len(crowded)

    def _refuse_erased(self, rows: Sequence[CheckedRow], erased: Erased) -> None:
        """Of the rows that are left, which are new."""
        found = [n for n in self._places(sql.LEFT) if erased.holds(*identities(rows[n]))]
        self._note(found, _ERASED)
        self._drop(found)

    def _create(self) -> None:
        self._run(sql.GO_ON)
        self._outcome.counts["created"] = self._run(sql.INSERT, now=self._now)
        if self._outcome.counts["created"]:
            self._run(sql.INSERT_HISTORY)
            self._run(sql.INSERT_TAGS, now=self._now)
            self._tell(sql.TELL_NEW, outbox.CREATED)

    def _forget_tags(self, rows: Sequence[CheckedRow]) -> None:
        """Those that only rows had which were not taken: nobody asked for them in the catalogue."""
        if not self._outcome.refused and not self._outcome.counts["skipped"]:
            return
        names = {name for row in rows for name in row.tags}
        kept = {name for n in self._outcome.later for name in rows[n].tags}
        if names - kept:
            self._run(sql.FORGET_TAGS, now=self._now, keys=[comparison_key(name) for name in names - kept])

    def _tell(self, statement: Executable, event_type: str) -> None:
        if self._acting.with_events:
            told = {"type": event_type, "routing_key": outbox.ROUTING_KEYS[event_type]}
            spoken_for = {"actor": self._acting.actor, "trace_id": self._acting.trace_id}
            self._run(statement, now=self._now, **told, **spoken_for)

    def _refuse(self, statement: Executable) -> None:
        found = self._transaction.run(statement).rows
        first = {n: RowFault(field, reason) for n, field, reason in reversed(found)}
        self._outcome.refused += first.items()
        self._drop(list(first))

    def _note(self, places: list[int], fault: RowFault) -> None:
        self._outcome.refused += [(n, fault) for n in places]

    def _drop(self, places: list[int]) -> None:
        if places:
            self._run(sql.DROP, dropped=array(places))

    def _run(self, statement: Executable, **parameters: object) -> int:
        return self._transaction.run(statement, parameters).count

    def _places(self, statement: Executable) -> list[int]:
        return [n for (n,) in self._transaction.run(statement).rows]

    def _number(self, statement: Executable) -> int | None:
        number: int | None = self._transaction.run(statement).rows[0][0]
        return number
