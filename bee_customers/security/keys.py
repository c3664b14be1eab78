"""Where the keys come from that tokens are checked with: a setting, or the auth service's JWKS."""

import contextlib
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, Protocol

import jwt

from bee_customers.errors import InvalidToken, KeysUnavailable

log = logging.getLogger(__name__)

FRESH_SECONDS = 60.0
RETRY_SECONDS = 5.0
_TIMEOUT_SECONDS = 2.0
_BYTES_MOST = 262_144


class KeySource(Protocol):
    def key_for(self, key_id: str | None) -> Any:
        """The key for PyJWT; raises InvalidToken for an unknown id, KeysUnavailable for no keys at all."""


class FixedKey:
    """One key from the settings, whatever the token says of its own."""

    def __init__(self, key: str) -> None:
        self._key = key

    def key_for(self, key_id: str | None) -> Any:
        return self._key


class JwksKeys:
    """The auth service's keys: fresh for a minute, kept while it is away, asked again at an unknown id."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, Any] = {}
        self._next_fetch = float("-inf")
        self._earliest_retry = float("-inf")

    def key_for(self, key_id: str | None) -> Any:
        if not key_id:
            raise InvalidToken("the token names no key")
        if self._clock() >= self._next_fetch or key_id not in self._keys:
            self._refresh()
        if not self._keys:
            raise KeysUnavailable("the auth service gives no keys")
        try:
            return self._keys[key_id]
        except KeyError:
            raise InvalidToken("the token names an unknown key") from None

    def _refresh(self) -> None:
        # One thread asks; the others go on with the keys they have, or wait where there are none.
        if not self._lock.acquire(blocking=not self._keys):
            return
        try:
            if self._clock() < self._earliest_retry:
                return
            self._earliest_retry = self._clock() + RETRY_SECONDS
            self._keys = fetch(self._url)
            self._next_fetch = self._clock() + FRESH_SECONDS
        except KeysUnavailable as error:
            log.warning("keys not refreshed: %s", error)
        finally:
            self._lock.release()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A key server that points elsewhere is not followed."""


_OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def fetch(url: str) -> Mapping[str, Any]:
    """Get a JWKS and return the usable signature keys by id; raises KeysUnavailable."""
    try:
        with _OPENER.open(url, timeout=_TIMEOUT_SECONDS) as response:
            document = json.loads(_read(response))
        return _signature_keys(document)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise KeysUnavailable(f"{type(error).__name__} while asking {url}") from None


def _read(response: Any) -> bytes:
    """The body within the bounds of size and time: the socket's own timeout starts anew with every byte."""
    deadline, body = time.monotonic() + _TIMEOUT_SECONDS, b""
    while chunk := response.read1(_BYTES_MOST):
        body += chunk
        if len(body) > _BYTES_MOST or time.monotonic() > deadline:
            raise ValueError("too long")
    return body


def _signature_keys(document: Any) -> Mapping[str, Any]:
    """By id; keys for encryption, without an id, or of an unknown kind are passed over."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys = {}
    for entry in filter(_is_for_signatures, entries if isinstance(entries, list) else ()):
        with contextlib.suppress(jwt.PyJWTError, TypeError, ValueError):
            keys[entry["kid"]] = jwt.PyJWK.from_dict(entry)
    if not keys:
        raise ValueError("no usable key")
    return keys


def _is_for_signatures(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return False
    # A symmetric key in a public document would be no secret.
    return entry.get("use", "sig") == "sig" and entry.get("kty") != "oct"
