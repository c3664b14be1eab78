"""What the commands about erasures are put together from."""

import dataclasses
import uuid
from typing import TYPE_CHECKING

import click

from bee_customers.cli.environment import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bee_customers.db.engine import Database
    from bee_customers.security.signatures import Signatures
    from bee_customers.services.privacy.erasure import Erasures
    from bee_customers.services.privacy.stores import Store
    from bee_customers.services.privacy.subjects import Subject, SubjectHashes

FINDINGS = 3


@dataclasses.dataclass(frozen=True)
class Parts:
    database: "Database"
    stores: "Sequence[Store]"
    hashes: "SubjectHashes"
    erasures: "Erasures"


def parts_of(config: str | None) -> Parts:
    from bee_customers.db.connect import connect
    from bee_customers.events import connect as events
    from bee_customers.services.privacy import stores
    from bee_customers.services.privacy.erasure import Erasures
    from bee_customers.services.privacy.erasure_steps import ErasureSteps
    from bee_customers.services.privacy.subjects import SubjectHashes
    from bee_customers.storage.connect import connect as open_storage

    base, settings = load(config)
    database, hashes = connect(settings, base), SubjectHashes(settings.subject_secret)
    registered = stores.registered(open_storage(settings, base), events.fallback(settings))
    steps = ErasureSteps(database, registered, hashes, _signatures(settings.subject_secret))
    return Parts(database, registered, hashes, Erasures(database, steps, hashes))


def signatures_of(config: str | None) -> "Signatures":
    """For who only looks at receipts, and needs no database."""
    return _signatures(load(config)[1].subject_secret)


def subject_of(user: uuid.UUID | None, customer: uuid.UUID | None) -> "Subject":
    from bee_customers.services.privacy.subjects import Subject

    if (user is None) == (customer is None):
        raise click.UsageError("name a --user, or a --customer who has none")
    return Subject(user_id=user, customer_id=customer)


def _signatures(secret: str) -> "Signatures":
    from bee_customers.security.signatures import Signatures
    from bee_customers.services.privacy import receipts

    return Signatures(secret, receipts.PURPOSE)
