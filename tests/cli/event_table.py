"""Events in the database that a command looks at."""

import json
import uuid

ANA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
INSERT = """
INSERT INTO event (id, customer_id, type, routing_key, customer_version, payload, trace_id, actor, occurred_at,
    published_at, attempts, quarantined_at, last_error)
VALUES (%s, %s, 'CustomerUpdatedEvent', 'customers.updated', %s, %s, 't', 'ana', now() - interval '90 s', %s, %s,
    %s, %s)
"""
PAYLOAD = json.dumps({"business_id": str(ANA), "changes": {"full_name": "Ionuț Popescu"}})


class Table:
    def __init__(self, cursor):
        self.cursor = cursor

    def add(self, customer=ANA, version=1, published=None, attempts=0, set_aside=None, error=None):
        event_id = str(uuid.uuid4())
        values = (event_id, str(customer), version, PAYLOAD, published, attempts, set_aside, error)
        self.cursor.execute(INSERT, values)
        return event_id

    def waiting(self):
        self.cursor.execute("SELECT id FROM event WHERE published_at IS NULL AND quarantined_at IS NULL")
        return {row[0] for row in self.cursor.fetchall()}
