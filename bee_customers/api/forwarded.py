"""Where a request comes from, when a proxy that is trusted says so; what anyone else says of it is dropped."""

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.setting_values import Network

log = logging.getLogger(__name__)

Handler = Callable[[Request], Response]

_SCHEMES = ("http", "https")
_FOR, _PROTO = "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"
# No others are believed, and frameworks read them when they are there.
_ALL = (_FOR, _PROTO, "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED")

_WHOSE = (_FOR, "HTTP_FORWARDED")
_TELL_SECONDS = 60.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def forwarded(handler: Handler, registry: Registry) -> Handler:
    """Sets the address and the scheme of the client in the WSGI environment."""
    trusted: Sequence[Network] = registry["settings"].trusted_proxies
    unbelieved = Unbelieved(registry["request_metrics"].forwarded_ignored.inc)

    def tween(request: Request) -> Response:
        said = {name: request.environ.pop(name) for name in _ALL if name in request.environ}
        if said:
            peer = _address(request.environ.get("REMOTE_ADDR", ""))
            if peer is not None and _is_trusted(peer, trusted):
                _believe(request.environ, peer, said, trusted)
            elif any(name in said for name in _WHOSE):
                unbelieved.note(peer)
        return handler(request)

    return tween


class Unbelieved:
    """Counts requests of whose origin a peer spoke that is not trusted, and tells of it once a minute at most.

    Where that peer is the operators' own proxy, all of its clients are taken for one: nothing else would show it.
    """

    def __init__(self, count: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._next_at = float("-inf")

    def note(self, peer: Address | None) -> None:
        self._count()
        with self._lock:
            now = self._clock()
            if now < self._next_at:
                return
            self._next_at = now + _TELL_SECONDS
        log.warning(
            "%s says where requests come from and is not in TRUSTED_PROXIES: all that come by it count as one",
            _named(peer),
        )


def _named(peer: Address | None) -> str:
    """A proxy of one's own has a private address; a public one may be a person's."""
    if peer is None:
        return "a peer without an address"
    return f"the peer {peer}" if peer.is_private else "a peer with a public address"


def _believe(environ: dict[str, Any], peer: Address, said: dict[str, str], trusted: Sequence[Network]) -> None:
    environ["REMOTE_ADDR"] = str(_client(peer, said.get(_FOR, ""), trusted))
    # each proxy adds behind what it was told
    scheme = said.get(_PROTO, "").rpartition(",")[2].strip().lower()
    if scheme in _SCHEMES:
        environ["wsgi.url_scheme"] = scheme


def _client(peer: Address, hops: str, trusted: Sequence[Network]) -> Address:
    """The last one who is no trusted proxy; what stands before it anyone may have written."""
    client = peer
    while hops and _is_trusted(client, trusted):
        hops, _, last = hops.rpartition(",")
        named = _address(last)
        if named is None:
            break
        client = named
    return client


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _address(written: str) -> Address | None:
    """With or without a port; an IPv4 address that came over IPv6 is one of IPv4."""
    bare = written.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def includeme(config: Configurator) -> None:
    config.add_tween("bee_customers.api.forwarded.forwarded", over="bee_customers.api.headers.hardening")
