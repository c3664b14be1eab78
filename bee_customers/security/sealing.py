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
        self._ciphers = [AESGCM(_derive(secret, purpose)) for secret in secrets]

    def seal(self, value: bytes) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._ciphers[0].encrypt(nonce, value, None)
        return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def open(self, sealed: str) -> bytes:
        """Raises ValueError for anything not sealed here for this purpose."""
        raw = _decoded(sealed)
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
            except (InvalidTag, ValueError):
                continue
        raise ValueError("not sealed here")


def _decoded(sealed: str) -> bytes:
    """Strictly: every value has one writing."""
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("not sealed here") from None
    if base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=") != sealed:
        raise ValueError("not sealed here")
    return raw


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
