"""Images for tests: good ones by Pillow, broken and hostile ones by hand."""

import contextlib
import io
import random
import struct
import tempfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SMALL = (64, 48)


def encode(
    kind: str, size: tuple[int, int] = SMALL, mode: str = "RGB", *, plain: bool = False, **options: Any
) -> bytes:
    """A gradient, so that lossy formats keep it nearly as it is; or one colour, for a small file."""
    image = (Image.new("L", size) if plain else Image.linear_gradient("L").resize(size)).convert(mode)
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


@contextlib.contextmanager
def in_file(data: bytes) -> Iterator[BinaryIO]:
    """As an upload arrives."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield file


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def frames(kind: str, **options: Any) -> bytes:
    """Two pictures in one file: an animation, or several images of one camera."""
    first, second = (Image.new("RGB", SMALL, colour) for colour in ("red", "blue"))
    target = io.BytesIO()
    first.save(target, kind, save_all=True, append_images=[second], **options)
    return target.getvalue()


def chunk(kind: bytes, content: bytes = b"", *, checksum: int | None = None) -> bytes:
    found = zlib.crc32(kind + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", found)


def png(
    width: int = 8,
    height: int = 8,
    depth: int = 8,
    colour: int = 2,
    rows: bytes | None = None,
    *,
    interlace: int = 0,
) -> bytes:
    """A PNG by hand, all black unless `rows` says otherwise."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
    content = zlib.compress((b"\0" * (1 + width * 3)) * height if rows is None else rows)
    return PNG_SIGNATURE + header + chunk(b"IDAT", content) + chunk(b"IEND")


def with_chunk(image: bytes, extra: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    end = len(PNG_SIGNATURE) + 25
    return image[:end] + extra + image[end:]


def with_jpeg_size(image: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header claims another size."""
    start = next(image.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in image)
    return image[: start + 5] + struct.pack(">HH", height, width) + image[start + 9 :]


def with_more_scans(image: bytes, count: int) -> bytes:
    """A progressive JPEG whose last scan comes `count` times more."""
    start = image.rindex(b"\xff\xda")
    return image[:-2] + image[start:-2] * count + image[-2:]


def flips(image: bytes, count: int, seed: int) -> Iterator[bytes]:
    """The image with one to eight bits turned, the same ones at every run."""
    generator = random.Random(seed)
    for _ in range(count):
        broken = bytearray(image)
        for _ in range(generator.randint(1, 8)):
            broken[generator.randrange(len(broken))] ^= 1 << generator.randrange(8)
        yield bytes(broken)


def cuts(image: bytes, count: int) -> Iterator[bytes]:
    """The image cut off at many places."""
    for index in range(count):
        yield image[: len(image) * index // count]
