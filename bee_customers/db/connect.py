"""From settings to a database, the embedded one started on the way."""

from pathlib import Path

from bee_customers.db import embedded
from bee_customers.db.engine import Database
from bee_customers.settings import Settings


def connect(settings: Settings, base: Path) -> Database:
    """`base` is the directory that relative embedded:// paths count from."""
    url = settings.database_url
    if embedded.is_embedded(url):
        url = embedded.start(url, base)
    return Database(url, settings.database_read_url)
