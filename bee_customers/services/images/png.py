"""PNG (https://www.w3.org/TR/png-3/): one walk over the chunks."""

import struct
import zlib
from collections.abc import Iterator

from bee_customers.errors import DamagedImage, UnsupportedImage
from bee_customers.services.images.header import PNG, Content, Header

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IHDR = struct.Struct(">IIBBBBB")
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
# samples of a decoded pixel; a palette becomes colours, and one of them may be transparent
_SAMPLES = {0: 2, 2: 4, 3: 4, 4: 2, 6: 4}
# Measured: libvips keeps so many rows of what it reads from the top down, and so many beside a whole image.
_ROWS_KEPT = 700
_ROWS_BESIDE = 350


def is_mine(data: Content) -> bool:
    return data[: len(_SIGNATURE)] == _SIGNATURE


def read(data: Content) -> Header:
    kinds: set[bytes] = set()
    for kind, start, length in _chunks(data):
        if not kinds:
            header = _read_first(kind, data[start : start + length], data[start + length : start + length + 4])
        kinds.add(kind)
    if b"acTL" in kinds:
        raise UnsupportedImage("Animated PNG images are not taken.")
    if b"IDAT" not in kinds:
        raise DamagedImage("The image has no pixels.")
    return header


def end(data: Content) -> int:
    """Where the picture ends."""
    *_, (_, start, length) = _chunks(data)
    return start + length + 4


def _chunks(data: Content) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and length of each chunk up to IEND; what follows it is nobody's."""
    position = len(_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        position = start + length + 4
        if position > len(data):
            raise DamagedImage("The image is cut off.")
        yield kind, start, length


def _read_first(kind: bytes, content: bytes, checksum: bytes) -> Header:
    if kind != b"IHDR" or len(content) != _IHDR.size:
        raise DamagedImage("The image has no header.")
    if zlib.crc32(kind + content).to_bytes(4, "big") != checksum:
        raise DamagedImage("The checksum of the image's header is wrong.")
    width, height, depth, colour, compression, filtering, interlacing = _IHDR.unpack(content)
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlacing > 1:
        raise DamagedImage("The image's header is not one that PNG knows.")
    row = width * _SAMPLES[colour] * (2 if depth == 16 else 1)
    return Header(PNG, width, height, row * (height + _ROWS_BESIDE if interlacing else min(height, _ROWS_KEPT)))
