"""From STORAGE_URL to the place it names."""

from pathlib import Path
from urllib.parse import urlsplit

from bee_customers.errors import InvalidSetting
from bee_customers.settings import Settings
from bee_customers.storage.local import LocalStorage
from bee_customers.storage.protocol import Storage

FILE = "file://"


def connect(settings: Settings, base: Path) -> Storage:
    """`base` is the directory that relative file:// paths count from."""
    url = settings.storage_url
    if url.startswith(FILE):
        return LocalStorage(base / url.removeprefix(FILE))
    # only who keeps files in a bucket needs the library for it
    try:
        from bee_customers.storage.s3 import S3Storage
    except ImportError:
        raise InvalidSetting("STORAGE_URL: got a bucket, expected the extra 's3' to be installed for it") from None
    parts = urlsplit(url)
    return S3Storage(parts.netloc, parts.path.strip("/"))
