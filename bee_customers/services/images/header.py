"""What is known of an image before it is decoded."""

import dataclasses
import mmap
import re

from bee_customers.errors import UnsupportedImage

JPEG, PNG, WEBP = "jpeg", "png", "webp"

# A picture that is also something else is meant for somebody who takes it for that. Other tails, as cameras write
# them, are dropped.
_FOREIGN = re.compile(
    rb"PK\x03\x04|PK\x05\x06|%PDF-|Rar!|7z\xbc\xaf|\x7fELF|GIF8[79]a|\xff\xd8\xff|\x89PNG\r|<script|<\?php|<html|<svg|<!doctype",
    re.IGNORECASE,
)

Content = bytes | mmap.mmap


@dataclasses.dataclass(frozen=True)
class Header:
    """`held_bytes`: what a decoder must hold at once because of the image's form, beyond a small constant."""

    kind: str
    width: int
    height: int
    held_bytes: int


def check_tail(data: Content, end: int) -> None:
    """Raises UnsupportedImage when what follows the picture is a file of another kind."""
    if _FOREIGN.search(data, end):
        raise UnsupportedImage("The image is followed by a file of another kind.")
