"""Aggregates that are not what the ledger says: found in batches by customer id, and set right."""

import dataclasses
import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import text

from bee_customers.db.engine import Database
from bee_customers.db.statements import Rows
from bee_customers.db.transaction import Transaction
from bee_customers.db.unit_of_work import UnitOfWork, transact
from bee_customers.errors import CustomerNotFound
from bee_customers.services.aggregates import AGGREGATES, HAS_MOVED, KEPT, compared, set_right
from bee_customers.services.bulk_changes import Acting
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.side_by_side import side_by_side

# The name that a recomputation holds, so that there is one at a time.
LOCK = "stats"
BATCH = 10_000
# The database does nearly all of the work: two sessions keep two of its processors busy.
SESSIONS = 2
_MOVED = ", ".join(
    f"count(*) FILTER (WHERE was_{name} IS DISTINCT FROM is_{name})::int AS {name}" for name in AGGREGATES
)
_FIND = f"""
WITH batch AS MATERIALIZED (
    SELECT {KEPT} FROM customer
    LEFT JOIN (SELECT * FROM customer_history WHERE customer_id > CAST(:after AS uuid)) AS history
        ON customer_id = id
    WHERE {{of}} AND id > CAST(:after AS uuid) AND id <= CAST(:until AS uuid) ORDER BY id LIMIT :batch
), drifted AS (
    SELECT * FROM ({compared("batch")}) AS each WHERE NOT has_history OR {HAS_MOVED}
)
SELECT (SELECT id::text FROM batch ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM batch),
    array_agg(id::text ORDER BY id), count(*) FILTER (WHERE NOT has_history), {_MOVED}
FROM drifted
"""
_OF = {
    "all": "true",
    "business_id": "business_id = CAST(:business_id AS uuid)",
    "customer_id": "id = CAST(:customer_id AS uuid)",
}
_FIND_OF = {kind: text(_FIND.format(of=condition)) for kind, condition in _OF.items()}
_BORDER = text("SELECT id::text FROM customer ORDER BY id OFFSET :place LIMIT 1")
_COUNT_OF = {kind: text(f"SELECT count(*) FROM customer WHERE {condition}") for kind, condition in _OF.items()}


@dataclasses.dataclass(frozen=True)
class Chosen:
    """Whose aggregates: all customers', those of a business, or one customer's."""

    business_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None

    @property
    def kind(self) -> str:
        return next(iter(self.parameters()), "all")

    def parameters(self) -> dict[str, str]:
        return {name: str(value) for name, value in dataclasses.asdict(self).items() if value}


@dataclasses.dataclass(frozen=True)
class _Range:
    """Ids behind the one and up to the other."""

    after: str = str(uuid.UUID(int=0))
    until: str = str(uuid.UUID(int=2**128 - 1))


@dataclasses.dataclass(frozen=True)
class Found:
    """What was found of some customers: who drifted, by how many in each field, and who has no history row.

    `set_right` is how many were written, under their locks; it can differ where others write meanwhile.
    """

    last_id: str
    checked: int
    drifted: tuple[uuid.UUID, ...]
    without_history: int
    fields: dict[str, int]
    set_right: int = 0


@dataclasses.dataclass
class Totals:
    """What all batches came to."""

    checked: int = 0
    drifted: int = 0
    without_history: int = 0
    fields: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(AGGREGATES, 0))
    set_right: int = 0

    def add(self, found: Found) -> None:
        self.checked += found.checked
        self.drifted += len(found.drifted)
        self.without_history += found.without_history
        self.set_right += found.set_right
        for name, count in found.fields.items():
            self.fields[name] += count


def count(database: Database, chosen: Chosen) -> int:
    """How many customers there are to compare; raises CustomerNotFound for one that is not there."""
    rows = database.read(_COUNT_OF[chosen.kind], chosen.parameters())
    if chosen.customer_id and not rows[0][0]:
        raise CustomerNotFound("no such customer")
    return int(rows[0][0])


def examine(database: Database, customer_id: uuid.UUID) -> Found:
    """Compare one customer; raises CustomerNotFound."""
    found = _find(database.read, Chosen(customer_id=customer_id), _Range(), 1)
    if not found.checked:
        raise CustomerNotFound("no such customer")
    return found


def verify(database: Database, chosen: Chosen, *, batch: int = BATCH, sessions: int = 1) -> Iterator[Found]:
    """Compare, and change nothing; each batch of customers is looked at as it is at one moment, without locks."""

    def look(part: _Range) -> Found:
        return _find(database.read, chosen, part, batch)

    return side_by_side([_in_batches(look, part) for part in _parts(database, chosen, batch, sessions)])


def recompute(
    database: Database,
    chosen: Chosen,
    acting: Acting,
    *,
    batch: int = BATCH,
    sessions: int = 1,
    clock: Clock = utc_now,
) -> Iterator[Found]:
    """Compare, and set right what drifted; each batch is a transaction, and only those that drifted are locked.

    Exact while entries arrive: what was found without locks is counted again under them.
    """

    def look(part: _Range) -> Found:
        return transact(database, lambda unit: _mend(unit, chosen, part, batch, acting, clock))

    return side_by_side([_in_batches(look, part) for part in _parts(database, chosen, batch, sessions)])


def _parts(database: Database, chosen: Chosen, batch: int, sessions: int) -> list[_Range]:
    """As many customers in each; one part where there is not a batch for each session."""
    total = count(database, chosen) if sessions > 1 and chosen == Chosen() else 0
    if total <= sessions * batch:
        return [_Range()]
    places = [total * number // sessions for number in range(1, sessions)]
    borders = [str(database.read(_BORDER, {"place": place})[0][0]) for place in places]
    whole = _Range()
    return [_Range(*ends) for ends in itertools.pairwise([whole.after, *borders, whole.until])]


def _in_batches(look: Callable[[_Range], Found], part: _Range) -> Iterator[Found]:
    found = look(part)
    while found.checked:
        yield found
        part = dataclasses.replace(part, after=found.last_id)
        found = look(part)


def _mend(unit: UnitOfWork, chosen: Chosen, part: _Range, batch: int, acting: Acting, clock: Clock) -> Found:
    transaction = unit.transaction
    found = _find(lambda *asked: _rows(transaction, *asked), chosen, part, batch)
    return dataclasses.replace(found, set_right=set_right(transaction, found.drifted, acting, clock()))


def _find(read: Callable[..., Rows], chosen: Chosen, part: _Range, batch: int) -> Found:
    rows = read(_FIND_OF[chosen.kind], {**chosen.parameters(), **dataclasses.asdict(part), "batch": batch})
    last_id, checked, drifted, without_history, *moved = rows[0]
    return Found(
        last_id or "",
        checked,
        tuple(map(uuid.UUID, drifted or ())),
        without_history,
        dict(zip(AGGREGATES, moved, strict=True)),
    )


def _rows(transaction: Transaction, statement: Any, parameters: dict[str, Any]) -> Rows:
    return transaction.run(statement, parameters).rows
