"""Signatures of links: who has one may follow it until it expires; nobody else can make one."""

import datetime
import hmac
from collections.abc import Sequence

from bee_customers.errors import LinkExpired
from bee_customers.security.sealing import derive, unwritten, written

_EXPIRY_BYTES = 6


class LinkSigner:
    """HMAC-SHA256 over what a link leads to and when it ends, with a key for one purpose.

    The first of the secrets signs, all of them check. The same link always has the same signature.
    """

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._keys = [derive(secret, purpose) for secret in secrets]

    def sign(self, target: bytes, expires_at: datetime.datetime) -> str:
        """Good until that second, which the signature itself tells."""
        expiry = int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES, "big")
        return written(expiry + _digest(self._keys[0], target, expiry))

    def check(self, target: bytes, signature: str, now: datetime.datetime) -> None:
        """Raises ValueError for a signature that was not made here for this target, then LinkExpired."""
        raw = unwritten(signature)
        expiry, digest = raw[:_EXPIRY_BYTES], raw[_EXPIRY_BYTES:]
        if not any(hmac.compare_digest(digest, _digest(key, target, expiry)) for key in self._keys):
            raise ValueError("not signed here")
        if now.timestamp() >= int.from_bytes(expiry, "big"):
            raise LinkExpired("the link has expired")


def _digest(key: bytes, target: bytes, expiry: bytes) -> bytes:
    # the expiry has a fixed length, so no two pairs are one message
    return hmac.digest(key, expiry + target, "sha256")
