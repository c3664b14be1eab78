"""What is removed when its time is over: each kind by a policy of its own, in batches that can be stopped."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator

from sqlalchemy import Integer, bindparam, delete, func, select, tuple_

from bee_customers.db.engine import Database
from bee_customers.db.unit_of_work import transact
from bee_customers.models import IdempotencyKey
from bee_customers.services import avatars
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.idempotency import KEPT_FOR
from bee_customers.storage.protocol import Storage

LOCK = "retention"
_BATCH = 5000
_KEY = (IdempotencyKey.subject, IdempotencyKey.method, IdempotencyKey.route, IdempotencyKey.key)
_IS_OVER = IdempotencyKey.created_at < bindparam("before")
_COUNT = select(func.count()).where(_IS_OVER)
_DELETE = delete(IdempotencyKey.__table__).where(  # type: ignore[arg-type]
    tuple_(*_KEY).in_(select(*_KEY).where(_IS_OVER).limit(bindparam("batch", type_=Integer())))
)


@dataclasses.dataclass(frozen=True)
class Policy:
    """`count` tells how many are due; `remove` removes them and tells after each batch how many went."""

    name: str
    reason: str
    kept_for: datetime.timedelta
    count: Callable[[], int]
    remove: Callable[[], Iterator[int]]


def policies(database: Database, storage: Storage, clock: Clock = utc_now) -> list[Policy]:
    """All of them, in the order in which they run."""
    return [
        Policy(
            "stored replies",
            "an Idempotency-Key holds for a day",
            KEPT_FOR,
            lambda: int(database.read(_COUNT, {"before": clock() - KEPT_FOR})[0][0]),
            lambda: _remove_replies(database, clock() - KEPT_FOR),
        ),
        Policy(
            "unnamed avatar files",
            "left behind by a crash: no customer shows them",
            avatars.UNNAMED_FOR,
            lambda: sum(map(len, avatars.unnamed(database, storage, clock=clock))),
            lambda: avatars.sweep(database, storage, clock=clock),
        ),
    ]


def _remove_replies(database: Database, before: datetime.datetime) -> Iterator[int]:
    """Batch by batch, each its own transaction."""
    parameters = {"before": before, "batch": _BATCH}
    while removed := transact(database, lambda unit: unit.transaction.run(_DELETE, parameters).count):
        yield removed
