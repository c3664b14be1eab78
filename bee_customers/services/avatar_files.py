"""The files of avatars: written before the transaction that names them, removed after the one that stops to.

So a row never names a file that is not there. A crash in between leaves a file that no row names, which
`services/avatars.py: sweep` removes.
"""

import re
import secrets

from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.storage.protocol import Storage

PREFIX = "avatars/"
KEY_PATTERN = r"avatars/[A-Za-z0-9_-]{2}/[A-Za-z0-9_-]{43}\.webp"
KEY_LENGTH = 59
_MEDIA = "/media/"
_KEY_AT_END = re.compile(rf"(?:^|/)({KEY_PATTERN})\Z")


class AvatarFiles:
    """For one unit of work."""

    def __init__(self, storage: Storage, unit: UnitOfWork) -> None:
        self._storage = storage
        self._unit = unit

    def add(self, content: bytes, media_type: str) -> str:
        """Write a file and return its address; it goes again when the transaction is rolled back."""
        key = new_key()
        self._unit.after_rollback(lambda: self._storage.delete(key))
        self._storage.put(key, content, media_type)
        return self._storage.public_url(key) or f"{_MEDIA}{key}"

    def remove(self, url: str | None) -> None:
        """Remove the file behind an address once the transaction is committed."""
        key = key_of(url)
        if key is not None:
            self._unit.after_commit(lambda: self._storage.delete(key))


def new_key() -> str:
    """Nobody can guess it, and it tells nothing of the customer or of the image."""
    name = secrets.token_urlsafe(32)
    return f"{PREFIX}{name[:2]}/{name}.webp"


def key_of(url: str | None) -> str | None:
    """The key in an address, of this storage or of one that was used before; None where there is none."""
    found = _KEY_AT_END.search(url or "")
    return found[1] if found else None
