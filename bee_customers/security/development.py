"""Keys that a development service makes for itself, once, and keeps."""

import dataclasses
import datetime
import fcntl
import os
import secrets
from pathlib import Path

import jwt

from bee_customers.settings import Settings

_DIRECTORY = "var"
_LENGTH_LEAST = 32


def with_own_keys(settings: Settings, base: Path) -> Settings:
    """Fill in what a development service was not given: a key for tokens and a secret for seals."""
    if not settings.is_development:
        return settings
    if not settings.auth_jwt_key and not settings.auth_service_url:
        key = _kept_secret(base / _DIRECTORY / "development-jwt.key")
        settings = dataclasses.replace(settings, auth_jwt_key=key, auth_jwt_algorithms=("HS256",))
    if not settings.secret_key:
        secret = _kept_secret(base / _DIRECTORY / "development-secret.key")
        settings = dataclasses.replace(settings, secret_key=(secret,))
    return settings


def can_mint(settings: Settings) -> bool:
    """Whether this service holds a key that tokens can be made with: never in production."""
    return settings.is_development and "HS256" in settings.auth_jwt_algorithms


def mint(settings: Settings, *, subject: str, roles: list[str], businesses: list[str], lifetime: int) -> str:
    """A signed token for development; `lifetime` in seconds."""
    now = datetime.datetime.now(datetime.UTC)
    claims: dict[str, object] = {
        "iss": settings.auth_issuer,
        "aud": settings.auth_audience,
        "sub": subject,
        "roles": roles,
        "iat": now,
        "exp": now + datetime.timedelta(seconds=lifetime),
    }
    if businesses:
        claims["business_id"] = businesses
    return jwt.encode(claims, settings.auth_jwt_key, algorithm="HS256")


def _kept_secret(path: Path) -> str:
    """The secret in the file, made where there is none; processes that start together agree on one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        kept = file.read().strip()
        if len(kept) < _LENGTH_LEAST:  # new, or cut short by a crash
            kept = secrets.token_urlsafe(48)
            file.seek(0)
            file.truncate()
            file.write(kept)
    return kept
