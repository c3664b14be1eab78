"""An image to upload: as large as one may be, and as hard to take apart as a photograph."""

import io
from pathlib import Path

from PIL import Image

BYTES_MOST = 5 * 1024 * 1024
# what a camera of 24 megapixels makes
_SIZE = (6000, 4000)
_NOISE = 24


def photo(directory: Path) -> bytes:
    """A baseline JPEG close to 5 MiB, made once."""
    path = directory / "photo.jpg"
    if not path.exists():
        path.write_bytes(_largest(_picture(_SIZE), BYTES_MOST))
    return path.read_bytes()


def _picture(size: tuple[int, int]) -> Image.Image:
    """A slow change of colour, under the noise of a sensor."""
    gradient = Image.linear_gradient("L")
    directions = (gradient, gradient.rotate(90), gradient.rotate(180))
    noise = Image.effect_noise(size, _NOISE)
    bands = [Image.blend(direction.resize(size), noise, 0.5) for direction in directions]
    return Image.merge("RGB", bands)


def _largest(picture: Image.Image, bytes_most: int) -> bytes:
    """The best quality that fits, by halving."""
    low, high = 1, 96
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(_encoded(picture, middle)) <= bytes_most else (low, middle)
    return _encoded(picture, low)


def _encoded(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality, progressive=False)
    return target.getvalue()
