"""Run as a program, `decoder.py KIND LONGER_SIDE`: an image on stdin, its small picture as WebP on stdout.

A process of its own, so that whatever an image does to the decoders is done to a process that holds no
secret, may take neither more memory nor more time than it is given here, and writes no file. It imports
nothing of the service, so it starts in a tenth of a second. Exit code 3: the image cannot be decoded.
"""

import resource
import sys
from pathlib import Path

import pyvips

SIDE_MOST = 512
MEMORY_MOST = 128 * 1024 * 1024  # address space; a third of it is never touched
SECONDS_MOST = 2
UNDECODABLE = 3
_QUALITY = 80
_ALLOWED = ("VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer", "VipsForeignLoadWebpBuffer")


def main() -> int:
    kind, data = sys.argv[1], sys.stdin.buffer.read()
    _close_the_doors()
    try:
        small = _LOADERS[kind](data)
        # the picture only: no EXIF, XMP, colour profile or comment
        encoded = small.webpsave_buffer(Q=_QUALITY, keep="none")
    except (pyvips.Error, MemoryError) as error:
        sys.stderr.write(str(error))
        return UNDECODABLE
    sys.stdout.buffer.write(encoded)
    return 0


def _finish(image: pyvips.Image) -> pyvips.Image:
    """Upright, in sRGB, and never enlarged."""
    return image.thumbnail_image(SIDE_MOST, height=SIDE_MOST, size="down", output_profile="srgb")


def _of_jpeg(data: bytes) -> pyvips.Image:
    """The decoder itself makes it smaller, by up to eight times."""
    return pyvips.Image.thumbnail_buffer(
        data, SIDE_MOST, height=SIDE_MOST, size="down", fail_on="error", output_profile="srgb"
    )


def _of_webp(data: bytes) -> pyvips.Image:
    """The decoder itself makes it small; to ask libvips for its size first would cost a whole canvas."""
    scale = min(1.0, SIDE_MOST / int(sys.argv[2]))
    return _finish(pyvips.Image.webpload_buffer(data, scale=scale, fail_on="error"))


def _of_png(data: bytes) -> pyvips.Image:
    """Halves what libvips holds of a large PNG: averages whole blocks of pixels row by row first."""
    image = pyvips.Image.pngload_buffer(data, access="sequential", fail_on="error")
    factor = min(max(image.width, image.height) // (2 * SIDE_MOST), image.width, image.height)
    if factor > 1:
        has_alpha, form = image.hasalpha(), image.format
        if has_alpha:  # transparent pixels must not lend their colour to others
            image = image.premultiply().cast(form)
        image = image.shrinkh(factor).shrinkv(factor)
        if has_alpha:
            image = image.unpremultiply().cast(form)
    return _finish(image)


_LOADERS = {"jpeg": _of_jpeg, "png": _of_png, "webp": _of_webp}


def _close_the_doors() -> None:
    pyvips.cache_set_max(0)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in _ALLOWED:
        pyvips.operation_block_set(loader, False)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MOST, SECONDS_MOST + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    statistics = Path("/proc/self/statm")
    if statistics.exists():  # on other systems than Linux only the checks before bound the memory
        limit = int(statistics.read_text().split()[0]) * resource.getpagesize() + MEMORY_MOST
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
