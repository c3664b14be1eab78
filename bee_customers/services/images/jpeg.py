"""JPEG (ITU T.81): one walk over the segments, and over the scans without decoding them."""

import re
import struct
from collections.abc import Generator

from bee_customers.errors import DamagedImage, UnsupportedImage
from bee_customers.services.images.header import JPEG, Content, Header

_SIZES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive
_FOREIGN_SIZES = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_APP2, _SCAN, _END = 0xE2, 0xDA, 0xD9
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
# in the bits of a scan FF00 is a byte and FFD0 to FFD7 are restarts
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_BYTES_OF_COEFFICIENT = 2
# The usual progressive file has 10. Each is a walk over the whole image, and 5 MiB could hold a hundred thousand.
_SCANS_MOST = 20


def is_mine(data: Content) -> bool:
    return data[:3] == b"\xff\xd8\xff"


def read(data: Content) -> Header:
    size: bytes | None = None
    scans = 0
    for marker, content in _segments(data):
        if marker in _FOREIGN_SIZES:
            raise UnsupportedImage("Lossless and arithmetic JPEG images are not taken.")
        if marker == _APP2 and content.startswith(b"MPF\0"):
            raise UnsupportedImage("JPEG files that hold several images (MPO) are not taken.")
        if marker in _SIZES and size is not None:
            raise DamagedImage("The image states its size twice.")
        if marker in _SIZES:
            size = content
        scans += marker == _SCAN
        if scans > _SCANS_MOST:
            raise UnsupportedImage(f"JPEG images with more than {_SCANS_MOST} scans are not taken.")
    if size is None or not scans:
        raise DamagedImage("The image has no pixels.")
    return _header(size, is_whole=scans > 1)


def end(data: Content) -> int:
    """Where the picture ends."""
    segments = _segments(data)
    while True:
        try:
            next(segments)
        except StopIteration as ended:
            return int(ended.value)


def _segments(data: Content) -> Generator[tuple[int, bytes], None, int]:
    """Marker and content of each segment up to the end of the image, whose place is returned."""
    position = 2
    while True:
        found = _MARKER.match(data, position)
        if found is None:
            raise DamagedImage("The image is cut off, or its segments are broken.")
        marker, position = found[1][0], found.end()
        if marker == _END:
            return position
        if marker in _BARE:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        yield marker, data[position + 2 : position + length]
        position += length
        if marker == _SCAN:
            position = _after_scan(data, position)


def _after_scan(data: Content, position: int) -> int:
    found = _MARKER.search(data, position)
    if found is None:
        raise DamagedImage("The image is cut off.")
    return found.start()


def _header(size: bytes, *, is_whole: bool) -> Header:
    """From the content of a start-of-frame segment; an image in several scans is held whole as coefficients."""
    depth, height, width, count = struct.unpack_from(">BHHB", size)
    if depth != 8 or count not in (1, 3, 4):
        raise UnsupportedImage("JPEG images have 8 bits and 1, 3 or 4 components; this one has not.")
    factors = [divmod(size[7 + 3 * index], 16) for index in range(count)]
    if not all(1 <= factor <= 4 for pair in factors for factor in pair):
        raise DamagedImage("The image's sampling is broken.")
    widest, highest = max(across for across, _ in factors), max(down for _, down in factors)
    units = -(-width // (8 * widest)) * -(-height // (8 * highest))
    blocks = units * sum(across * down for across, down in factors)
    return Header(JPEG, width, height, blocks * 64 * _BYTES_OF_COEFFICIENT if is_whole else 0)
