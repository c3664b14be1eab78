"""Signatures that hold for years, and that anybody can check who knows the public key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bee_customers.security.sealing import derive


class Signatures:
    """Ed25519, with a key derived from a secret for one purpose: it signs nothing else."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(derive(secret, purpose))
        self._public = self._private.public_key()

    @property
    def public_key(self) -> str:
        """64 hexadecimal digits."""
        return self._public.public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """128 hexadecimal digits; the same message has the same signature."""
        return self._private.sign(message).hex()

    def holds(self, signature: str, message: bytes) -> bool:
        """A signature has one writing: that in other letters is none."""
        try:
            raw = bytes.fromhex(signature)
            self._public.verify(raw, message)
        except (ValueError, InvalidSignature):
            return False
        return raw.hex() == signature
