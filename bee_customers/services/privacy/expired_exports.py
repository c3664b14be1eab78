"""Files of exports whose time is over, and those that no request tells of, as a crash leaves them."""

import datetime
from collections.abc import Iterator

from sqlalchemy import Integer, Text, Uuid, any_, bindparam, cast, func, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import Executable

from bee_customers.db.engine import Database
from bee_customers.db.statements import Rows
from bee_customers.db.unit_of_work import transact
from bee_customers.models import PrivacyRequest
from bee_customers.services.access import array_of
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.privacy.export_files import PREFIX
from bee_customers.services.privacy.requests import EXPIRED
from bee_customers.storage.protocol import Storage

# Longer than an export takes to be written.
UNNAMED_FOR = datetime.timedelta(hours=2)
_BATCH = 500
_IS_OVER = PrivacyRequest.expires_at <= bindparam("now")
_COUNT = select(func.count()).where(_IS_OVER)
_KEY = PrivacyRequest.details["key"].astext
_DUE = (
    select(PrivacyRequest.id, _KEY)
    .where(_IS_OVER)
    .order_by(PrivacyRequest.expires_at)
    .limit(bindparam("batch", type_=Integer()))
)
_MARK = (
    update(PrivacyRequest.__table__)  # type: ignore[arg-type]
    .where(PrivacyRequest.id == any_(cast(bindparam("requests"), ARRAY(Uuid))))
    .values(status=EXPIRED, expires_at=null(), details=PrivacyRequest.details.op("-")("key"))
)
_NAMED = select(_KEY).where(
    PrivacyRequest.expires_at.is_not(None), any_(cast(bindparam("keys"), ARRAY(Text))) == _KEY
)


def count(database: Database, storage: Storage, clock: Clock = utc_now) -> int:
    """How many files are due to go."""
    over: int = _run(database, _COUNT, {"now": clock()})[0][0]
    return over + len(_unnamed(database, storage, clock()))


def remove(database: Database, storage: Storage, clock: Clock = utc_now) -> Iterator[int]:
    """Remove them; tells of each batch how many there were. Killed in between, it is repeated without harm."""
    while due := _run(database, _DUE, {"now": clock(), "batch": _BATCH}):
        for _, key in due:
            storage.delete(key)
        _run(database, _MARK, {"requests": array_of(request for request, _ in due)})
        yield len(due)
    if unnamed := _unnamed(database, storage, clock()):
        for key in unnamed:
            storage.delete(key)
        yield len(unnamed)


def _unnamed(database: Database, storage: Storage, now: datetime.datetime) -> set[str]:
    """Few at any time, for each file lives a day or so."""
    old = {file.key for file in storage.list(PREFIX) if file.modified_at < now - UNNAMED_FOR}
    return old - {key for (key,) in _run(database, _NAMED, {"keys": sorted(old)})}


def _run(database: Database, statement: Executable, parameters: dict[str, object]) -> Rows:
    """On the writer, for a replica may be behind."""
    return transact(database, lambda unit: unit.transaction.run(statement, parameters).rows)
