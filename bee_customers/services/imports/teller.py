"""The events of an import: written set-wise, as any other change writes them."""

import uuid

from sqlalchemy import text

from bee_customers.db.transaction import Transaction
from bee_customers.events import outbox

_NOTIFY = text("SELECT pg_notify(:channel, '')")


class Teller:
    """On whose behalf an import speaks: the actor names the run, and its trace is the run's id."""

    def __init__(self, run_id: uuid.UUID) -> None:
        self.actor = f"import:{run_id}"
        self.trace_id = run_id.hex

    def parameters(self, event_type: str) -> dict[str, str]:
        """For a statement that inserts events of a type."""
        return {
            "type": event_type,
            "routing_key": outbox.ROUTING_KEYS[event_type],
            "actor": self.actor,
            "trace_id": self.trace_id,
        }

    def notify(self, transaction: Transaction) -> None:
        """Wake the relay once the batch is committed."""
        transaction.run(_NOTIFY, {"channel": outbox.CHANNEL})
