"""What is known of an image before it is decoded."""

import dataclasses
import mmap

JPEG, PNG, WEBP = "jpeg", "png", "webp"

Content = bytes | mmap.mmap


@dataclasses.dataclass(frozen=True)
class Header:
    """`held_bytes`: what a decoder must hold at once because of the image's form, beyond a small constant."""

    kind: str
    width: int
    height: int
    held_bytes: int
