"""The socket that is listened on: bound, perhaps beside others of its address, and left without a refusal."""

import contextlib
import ctypes
import socket
import struct
import sys

_BYTES_ACKED = 120
_ATTACH_FILTER = getattr(socket, "SO_ATTACH_FILTER", 26)
# https://www.kernel.org/doc/html/latest/networking/filter.html: load the flags of TCP, keep SYN and ACK of them,
# drop what is a SYN alone, and let all else pass.
_ONLY_WHO_IS_KNOWN = (
    (0x30, 0, 0, 13),
    (0x54, 0, 0, 0x12),
    (0x15, 0, 1, 0x02),
    (0x06, 0, 0, 0),
    (0x06, 0, 0, 0xFFFFFFFF),
)


def bound(host: str, port: int, *, is_shared: bool) -> socket.socket:
    """A socket on the first address that the name has; shared, other processes of this user may bind it too.

    Raises OSError when the address is taken or unknown.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def bytes_taken(connection: socket.socket) -> int | None:
    """How many the other end has acknowledged so far; None where the system does not tell.

    Of struct tcp_info of Linux, tcpi_bytes_acked (https://man7.org/linux/man-pages/man7/tcp.7.html).
    """
    option = getattr(socket, "TCP_INFO", None)
    if option is None or sys.platform != "linux":
        return None
    told = connection.getsockopt(socket.IPPROTO_TCP, option, _BYTES_ACKED + 8)
    return int.from_bytes(told[_BYTES_ACKED:], sys.byteorder) if len(told) == _BYTES_ACKED + 8 else None


def turn_newcomers_away(listener: socket.socket) -> None:
    """Let the kernel pass over new clients, who ask again a second later and then reach who else listens here.

    A listener that is closed resets those who wait to be accepted; with nobody new, all can be accepted before.
    Where the system knows no such filter, nothing happens.
    """
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _ONLY_WHO_IS_KNOWN)
    kept = ctypes.create_string_buffer(code)
    program = struct.pack("HP", len(_ONLY_WHO_IS_KNOWN), ctypes.addressof(kept))
    with contextlib.suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)
