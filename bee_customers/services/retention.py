"""What is removed when its time is over: each kind by a policy of its own, in batches that can be stopped."""

import dataclasses
import datetime
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import bindparam

from bee_customers.db.engine import Database
from bee_customers.events import outbox
from bee_customers.models import CustomerNote, Event, IdempotencyKey, PrivacyRequest
from bee_customers.services import avatars, inactive_customers, old_rejects
from bee_customers.services.old_rows import OldRows
from bee_customers.services.privacy import erasure_rows, expired_exports
from bee_customers.settings import Settings
from bee_customers.storage.protocol import Storage

LOCK = "retention"
_BEFORE: Any = bindparam("before")
_NOTES = OldRows(CustomerNote, CustomerNote.created_at < _BEFORE)
# That a customer is gone is known as long as it may come back with its id, which who was erased may not.
_MAY_GO = (Event.type != outbox.DELETED) | (Event.payload["reason"].astext == erasure_rows.REASON)
_EVENTS = OldRows(Event, (Event.occurred_at < _BEFORE) & Event.published_at.is_not(None) & _MAY_GO)
_REPLIES = OldRows(IdempotencyKey, IdempotencyKey.created_at < _BEFORE)
# Not while the file of an export is named by it.
_REQUESTS = OldRows(PrivacyRequest, (PrivacyRequest.completed_at < _BEFORE) & PrivacyRequest.expires_at.is_(None))


@dataclasses.dataclass(frozen=True)
class Policy:
    """`kept_for` None keeps for ever; `setting` is what says so, empty where it is fixed.

    `count_before` and `remove_before` take the time before which things are due, and nothing younger than that.
    """

    name: str
    reason: str
    setting: str
    kept_for: datetime.timedelta | None
    count_before: Callable[[datetime.datetime], int]
    remove_before: Callable[[datetime.datetime], Iterator[int]]

    def count(self, now: datetime.datetime) -> int:
        """How many are due."""
        return 0 if self.kept_for is None else self.count_before(now - self.kept_for)

    def remove(self, now: datetime.datetime) -> Iterator[int]:
        """Remove what is due; tells after each batch how many went, and may be left between two of them."""
        if self.kept_for is not None:
            yield from self.remove_before(now - self.kept_for)


def policies(database: Database, storage: Storage, settings: Settings) -> list[Policy]:
    """All of them, in the order in which they run."""

    def of_setting(name: str, setting: str, reason: str, count: Any, remove: Any) -> Policy:
        kept_for = datetime.timedelta(days=getattr(settings, setting)) or None
        return Policy(name, reason, setting.upper(), kept_for, count, remove)

    def of_rows(name: str, setting: str, reason: str, rows: OldRows) -> Policy:
        return of_setting(name, setting, reason, partial(rows.count, database), partial(rows.remove, database))

    return [
        of_setting(
            "inactive customers",
            "retention_inactive_customers",
            "no order and no change for so long: what the profile was for is over",
            partial(inactive_customers.count, database),
            partial(inactive_customers.remove, database, storage),
        ),
        of_rows(
            "notes",
            "retention_notes",
            "most claims lapse after three years, and then nobody needs to know what was said",
            _NOTES,
        ),
        of_rows(
            "published events",
            "retention_published_events",
            "they hold what profiles once were; a year covers complaints and consumers that read again",
            _EVENTS,
        ),
        of_rows(
            "stored replies",
            "retention_idempotency_replies",
            "an Idempotency-Key holds for a day",
            _REPLIES,
        ),
        of_setting(
            "import rejects",
            "retention_import_rejects",
            "rows that were refused are mended and fed in again within the month, or never",
            partial(old_rejects.count, database),
            partial(old_rejects.remove, database),
        ),
        Policy(
            "export files",
            "who asked for a copy has fetched it by then, and can ask again",
            "EXPORT_TTL",
            settings.export_ttl,
            lambda before: expired_exports.count(database, storage, lambda: before + settings.export_ttl),
            lambda before: expired_exports.remove(database, storage, lambda: before + settings.export_ttl),
        ),
        of_rows(
            "finished requests",
            "retention_finished_requests",
            "they prove that a right was served, for as long as anybody could claim otherwise",
            _REQUESTS,
        ),
        Policy(
            "unnamed avatar files",
            "left behind by a crash: no customer shows them",
            "",
            avatars.UNNAMED_FOR,
            partial(_count_unnamed, database, storage),
            partial(avatars.sweep, database, storage),
        ),
    ]


def _count_unnamed(database: Database, storage: Storage, before: datetime.datetime) -> int:
    return sum(len(keys) for keys in avatars.unnamed(database, storage, before))
