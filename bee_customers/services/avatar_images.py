"""From any upload to an avatar: what is taken, how large it may be, and how many are worked on at once."""

import logging
import mmap
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bee_customers.errors import DamagedImage, DecodersBusy, ImageTooLarge
from bee_customers.services.images.header import Content, Header
from bee_customers.services.images.headers import read_header

log = logging.getLogger(__name__)

MEDIA_TYPE = "image/webp"
BYTES_MOST = 5 * 1024 * 1024
PIXELS_MOST = 40_000_000
# What no decoder can take piece by piece: progressive JPEG, interlaced PNG, lossless WebP, very wide rows.
HELD_BYTES_MOST = 75_000_000
DECODERS_MOST = 4
PATIENCE_SECONDS = 2.0
# -I: neither the working directory nor the environment decides what is imported
_COMMAND = [sys.executable, "-I", str(Path(__file__).with_name("images") / "decoder.py")]
_UNDECODABLE = 3
# The decoder has two seconds of processor time; this is for a machine that gives it none.
_TIMEOUT_SECONDS = 10.0
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_VARIABLES = {"VIPS_CONCURRENCY": "1", "MALLOC_ARENA_MAX": "1"}


class Gate:
    """Lets a few in, lets fewer wait a little, and turns the others away at once.

    Whoever waits holds a thread of the server: with `inside` and `waiting` together below the number of
    threads, there is always one left for other requests.
    """

    def __init__(self, inside: int, waiting: int, patience: float = PATIENCE_SECONDS) -> None:
        self._inside = threading.BoundedSemaphore(inside)
        self._admitted = threading.BoundedSemaphore(inside + waiting)
        self._patience = patience

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises DecodersBusy."""
        if not self._admitted.acquire(blocking=False):
            raise DecodersBusy("Too many images are being worked on.")
        try:
            if not self._inside.acquire(timeout=self._patience):
                raise DecodersBusy("Too many images are being worked on.")
            try:
                yield
            finally:
                self._inside.release()
        finally:
            self._admitted.release()

    @classmethod
    def for_threads(cls, threads: int, patience: float = PATIENCE_SECONDS) -> "Gate":
        """As many inside as half the threads, at most four; a server of one thread has none to spare."""
        inside = max(1, min(DECODERS_MOST, threads // 2))
        return cls(inside, max(0, min(inside, threads - 1 - inside)), patience)


class AvatarImages:
    """Made once per process; threads share it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def render(self, image: BinaryIO) -> bytes:
        """The avatar of an uploaded image: WebP, upright, at most 512 pixels wide and high, without metadata.

        `image` is a file on disk. Raises UnsupportedImage, ImageTooLarge, DamagedImage and DecodersBusy.
        """
        header = check(_mapped(image))
        with self._gate():
            return _decode(header, image)


def _mapped(image: BinaryIO) -> Content:
    """The file as memory that the system can take back; an empty one cannot be mapped."""
    try:
        return mmap.mmap(image.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError:
        return b""


def check(data: Content) -> Header:
    """What can be told without decoding; raises like `render`."""
    if len(data) > BYTES_MOST:
        raise ImageTooLarge(f"The image may have at most {BYTES_MOST} bytes.")
    header = read_header(data)
    if header.width * header.height > PIXELS_MOST:
        raise ImageTooLarge(f"The image may have at most {PIXELS_MOST // 1_000_000} megapixels.")
    if header.held_bytes > HELD_BYTES_MOST:
        raise ImageTooLarge(
            "An image of this form (progressive, interlaced, lossless or very wide) takes too much memory: "
            "send a smaller one, or a baseline JPEG."
        )
    return header


def _decode(header: Header, image: BinaryIO) -> bytes:
    image.seek(0)
    command = [*_COMMAND, header.kind, str(max(header.width, header.height))]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            stdin=image,
            capture_output=True,
            env=_environment(),
            timeout=_TIMEOUT_SECONDS,
            check=False,
            start_new_session=True,  # Ctrl-C ends the server in order, and not the image under its hands
        )
    except subprocess.TimeoutExpired:
        raise DecodersBusy("The image could not be worked on in time.") from None
    if done.returncode == 0:
        return done.stdout
    # ended by a signal: too much time or memory, or a decoder that broke on what it was given
    if done.returncode == _UNDECODABLE or done.returncode < 0:
        # never what the decoder says: its words may hold what is in the image
        log.info("image not decoded: exit code %s", done.returncode)
        raise DamagedImage("The image is damaged and cannot be decoded.")
    raise RuntimeError(f"the image decoder does not work: {done.stderr[-500:]!r}")


def _environment() -> dict[str, str]:
    """The decoder is given no secret of the service."""
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _VARIABLES
