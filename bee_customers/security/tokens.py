"""Bearer tokens: verified strictly, and remembered for a minute so that it is done once."""

import hashlib
import re
import time
from collections.abc import Callable
from typing import Any

import jwt

from bee_customers.errors import InvalidToken
from bee_customers.security import identity
from bee_customers.security.identity import Identity
from bee_customers.security.keys import KeySource

BYTES_MOST = 8192
LEEWAY_SECONDS = 30
REMEMBERED_SECONDS = 60.0
_REMEMBERED_MOST = 10_000
_LATEST_EXPIRY = 253_402_300_799  # the end of the year 9999
# RFC 7515, 7.1 and 2: without the padding and the strange letters that decoders pass over
_COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_OPTIONS: Any = {"require": ["exp", "sub", "iss", "aud"], "strict_aud": False}


class TokenVerifier:
    def __init__(
        self,
        keys: KeySource,
        *,
        algorithms: tuple[str, ...],
        issuer: str,
        audience: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._algorithms = list(algorithms)
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        # by hash, so that the process holds no token that could be used elsewhere
        self._remembered: dict[bytes, tuple[float, Identity]] = {}

    def verify(self, token: str) -> Identity:
        """Who the token speaks for; raises InvalidToken, and KeysUnavailable when nothing can be checked."""
        now = self._clock()
        digest = hashlib.sha256(token.encode("latin-1", "replace")).digest()
        known = self._remembered.get(digest)
        if known is not None and now < known[0]:
            return known[1]
        verified = self._decode(token)
        self._remember(digest, verified, now)
        return verified

    def _decode(self, token: str) -> Identity:
        if len(token) > BYTES_MOST:
            raise InvalidToken("the token is too long")
        if not _COMPACT.fullmatch(token):
            raise InvalidToken("the token does not hold")
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            claims = jwt.decode(
                token,
                self._keys.key_for(key_id),
                algorithms=self._algorithms,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidToken(_reason(error)) from None
        _check_times(claims)
        return identity.from_claims(claims)

    def _remember(self, digest: bytes, verified: Identity, now: float) -> None:
        if len(self._remembered) >= _REMEMBERED_MOST:
            self._remembered.clear()
        self._remembered[digest] = (
            min(now + REMEMBERED_SECONDS, verified.expires_at + LEEWAY_SECONDS),
            verified,
        )


def _check_times(claims: dict[str, Any]) -> None:
    """PyJWT takes "123" and 1e300 for a time; neither is one."""
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, 0)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= _LATEST_EXPIRY:
            raise InvalidToken(f"{name} is not a time")


def _reason(error: Exception) -> str:
    """A reason that can be shown: the kind of fault, nothing out of the token."""
    return {
        jwt.ExpiredSignatureError: "the token has expired",
        jwt.ImmatureSignatureError: "the token is not valid yet",
        jwt.InvalidIssuerError: "the token is from another issuer",
        jwt.InvalidAudienceError: "the token is for another audience",
        jwt.MissingRequiredClaimError: "the token lacks a required claim",
    }.get(type(error), "the token does not hold")
