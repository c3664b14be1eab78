"""The kind of an image by its content, never by a name or a declared type, and what it costs to decode."""

import struct

from bee_customers.errors import DamagedImage, UnsupportedImage
from bee_customers.services.images import jpeg, png, webp
from bee_customers.services.images.header import Content, Header, check_tail

_READERS = (jpeg, png, webp)


def read_header(data: Content) -> Header:
    """Raises UnsupportedImage for what is not taken, DamagedImage for what breaks the rules of its kind."""
    if not data:
        raise DamagedImage("The file is empty.")
    reader = next((reader for reader in _READERS if reader.is_mine(data)), None)
    if reader is None:
        raise UnsupportedImage("Send a JPEG, PNG or WebP image.")
    try:
        header: Header = reader.read(data)
        check_tail(data, reader.end(data))
    except (IndexError, struct.error):
        raise DamagedImage("The image is cut off.") from None
    if not header.width or not header.height:
        raise DamagedImage("The image has no pixels.")
    return header
