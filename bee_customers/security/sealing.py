"""Values given to clients that only we can read and write: encrypted and signed, one purpose each."""

import base64
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class Sealer:
    """The first of the secrets seals, all of them open: so a secret can be replaced without a break."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._ciphers = [AESGCM(derive(secret, purpose)) for secret in secrets]

    def seal(self, value: bytes) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._ciphers[0].encrypt(nonce, value, None)
        return written(sealed)

    def open(self, sealed: str) -> bytes:
        """Raises ValueError for anything not sealed here for this purpose."""
        raw = unwritten(sealed)
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
            except (InvalidTag, ValueError):
                continue
        raise ValueError("not sealed here")


def written(raw: bytes) -> str:
    """For an address: base64 without what would have to be escaped there."""
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def unwritten(text: str) -> bytes:
    """Strictly, so that every value has one writing; raises ValueError."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("not sealed here") from None
    if written(raw) != text:
        raise ValueError("not sealed here")
    return raw


def derive(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose: what one key makes means nothing to another."""
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
