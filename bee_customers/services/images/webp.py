"""WebP (RFC 9649): one walk over the chunks of a RIFF file."""

import struct
from collections.abc import Iterator

from bee_customers.errors import DamagedImage, UnsupportedImage
from bee_customers.services.images.header import WEBP, Content, Header

_ANIMATED = 0x02
_START_CODE = b"\x9d\x01\x2a"
_LOSSLESS_SIGNATURE = 0x2F
# A lossless image is decoded whole, an alpha channel too and twice; a lossy image goes row by row.
_BYTES_OF_LOSSLESS_PIXEL = 4
_BYTES_OF_ALPHA = 5


def is_mine(data: Content) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def read(data: Content) -> Header:
    canvas, held_bytes = (0, 0), 0
    for kind, content in _chunks(data):
        if kind in (b"ANIM", b"ANMF") or (kind == b"VP8X" and content[0] & _ANIMATED):
            raise UnsupportedImage("Animated WebP images are not taken.")
        if kind == b"VP8X":
            canvas = (_int24(content, 4) + 1, _int24(content, 7) + 1)
        elif kind == b"ALPH":
            held_bytes = canvas[0] * canvas[1] * _BYTES_OF_ALPHA
        elif kind == b"VP8L":
            width, height = _largest(canvas, _lossless_size(content))
            return Header(WEBP, width, height, width * height * _BYTES_OF_LOSSLESS_PIXEL)
        elif kind == b"VP8 ":
            return Header(WEBP, *_largest(canvas, _lossy_size(content)), held_bytes)
    raise DamagedImage("The image has no pixels.")


def end(data: Content) -> int:
    """Where the picture ends, by its own account."""
    (length,) = struct.unpack_from("<I", data, 4)
    return int(8 + length)


def _chunks(data: Content) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        position += 8
        if position + length > len(data):
            raise DamagedImage("The image is cut off.")
        yield kind, data[position : position + min(length, 16)]
        position += length + length % 2


def _lossy_size(content: bytes) -> tuple[int, int]:
    if content[3:6] != _START_CODE:
        raise DamagedImage("The image does not begin as WebP images do.")
    width, height = struct.unpack_from("<HH", content, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(content: bytes) -> tuple[int, int]:
    signature, bits = struct.unpack_from("<BI", content)
    if signature != _LOSSLESS_SIGNATURE:
        raise DamagedImage("The image does not begin as WebP images do.")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _largest(canvas: tuple[int, int], frame: tuple[int, int]) -> tuple[int, int]:
    return max(canvas[0], frame[0]), max(canvas[1], frame[1])


def _int24(content: bytes, position: int) -> int:
    return int.from_bytes(content[position : position + 3], "little")
