"""Values given to clients that only we can read and write: encrypted, signed, one purpose each."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealer:
    """The first of the secrets seals, all of them open: so a secret can be replaced without a break."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._fernet = MultiFernet([Fernet(_derive(secret, purpose)) for secret in secrets])

    def seal(self, value: bytes) -> str:
        return self._fernet.encrypt(value).decode("ascii").rstrip("=")

    def open(self, sealed: str) -> bytes:
        """Raises ValueError for anything not sealed here for this purpose."""
        try:
            return self._fernet.decrypt(sealed.encode("ascii") + b"=" * (-len(sealed) % 4))
        except (InvalidToken, UnicodeEncodeError):
            raise ValueError("not sealed here") from None


def _derive(secret: str, purpose: str) -> bytes:
    key = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
