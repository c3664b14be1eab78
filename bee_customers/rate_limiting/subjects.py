"""Who is counted, as a keyed hash: counters in Redis hold no names, no ids and no addresses."""

import hashlib
import ipaddress

_BYTES = 16
# Whoever has one IPv6 address has all of its network.
_IPV6_BITS = 64


class SubjectNames:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, *parts: str) -> str:
        """The same for the same parts, in every process with the same key."""
        raw = "\n".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(raw, key=self._key, digest_size=_BYTES).hexdigest()

    def of_address(self, address: str) -> str:
        """Of an IP address; of a whole network in IPv6."""
        return self.name(_counted_as(address))


def _counted_as(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # of a unix socket, or a server that gives none
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), _IPV6_BITS), strict=False))
