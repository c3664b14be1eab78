"""Subjects who left something in every table."""

import secrets
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.models import Base
from bee_customers.services import avatar_files
from tests.client import Client
from tests.factories import new_body
from tests.functional import rows
from tests.functional.ledgers import put
from tests.unit.services.privacy.erasing import Eraser

USER = "7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a"


def lived_in(eraser: Eraser, staff: Client, **fields: Any) -> dict[str, Any]:
    """A customer with something in every table, and an avatar."""
    body = new_body(**{"user_id": USER} | fields)
    customer: dict[str, Any] = staff.post(body, Idempotency_Key=secrets.token_hex(8)).json
    staff.post({"content": "likes honey"}, f"/{customer['id']}/notes", Idempotency_Key=secrets.token_hex(8))
    put(staff, customer)
    staff.merge(f"/{customer['id']}", {"full_name": "Ștefania Bălan"})
    key = avatar_files.new_key()
    eraser.storage.put(key, b"a portrait", "image/webp")
    rows.set_customer(eraser.database, customer["id"], avatar_url=f"/media/{key}")
    return customer


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    with database.session() as session:
        return {
            table: [dict(row._mapping) for row in session.execute(rows.text(f"SELECT * FROM {table}"))]
            for table in Base.metadata.tables
        }
