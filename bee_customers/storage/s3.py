"""Files in a bucket of Amazon S3, or of anything that speaks its protocol.

Keys, region and endpoint come from the environment by the names that all AWS tools use:
AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL and so on.
"""

import datetime
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from bee_customers.errors import FileNotStored, StorageUnavailable
from bee_customers.storage.protocol import OpenFile, StoredFile, check_key, check_prefix

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ClientConfig, RetryConfig

_DEFAULT_REGION = "us-east-1"
_PIECE_BYTES = 65_536
# obstore's own would let a request wait for three minutes
_CLIENT: "ClientConfig" = {"connect_timeout": "2s", "timeout": "10s"}
_RETRY: "RetryConfig" = {"max_retries": 2, "retry_timeout": datetime.timedelta(seconds=15)}
# A key is never used for a second content, so what was fetched once can be kept.
_CACHE_CONTROL = "public, max-age=31536000, immutable"
_PRIVATE = "private, no-store"


class S3Storage:
    def __init__(self, bucket: str, prefix: str = "") -> None:
        endpoint = _first_of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            # whoever names an endpoint without TLS means it
            client_options={**_CLIENT, "allow_http": endpoint.startswith("http://")},
            retry_config=_RETRY,
        )
        self._address = _address(endpoint, bucket, prefix)

    def put(self, key: str, content: bytes, media_type: str) -> None:
        attributes = {"Content-Type": media_type, "Cache-Control": _CACHE_CONTROL}
        with _translated():
            obstore.put(self._store, check_key(key), content, attributes=attributes)

    def put_file(self, key: str, file: BinaryIO, media_type: str) -> None:
        attributes = {"Content-Type": media_type, "Cache-Control": _PRIVATE}
        with _translated():
            # parts of 5 MiB, one after the other: two are in memory at most
            obstore.put(self._store, check_key(key), file, attributes=attributes, max_concurrency=1)

    def open(self, key: str) -> OpenFile:
        with _translated():
            try:
                result = obstore.get(self._store, check_key(key))
            except FileNotFoundError:
                raise FileNotStored("no such file") from None
        return OpenFile(result.meta["size"], _pieces(result), lambda: None)

    def delete(self, key: str) -> None:
        with _translated(), suppress(FileNotFoundError):
            obstore.delete(self._store, check_key(key))

    def exists(self, key: str) -> bool:
        with _translated():
            try:
                obstore.head(self._store, check_key(key))
            except FileNotFoundError:
                return False
        return True

    def list(self, prefix: str) -> Iterator[StoredFile]:
        with _translated():
            for page in obstore.list(self._store, check_prefix(prefix) or None):
                for found in page:
                    yield StoredFile(found["path"], found["size"], found["last_modified"])

    def public_url(self, key: str) -> str | None:
        return f"{self._address}/{check_key(key)}"


def _address(endpoint: str, bucket: str, prefix: str) -> str:
    """Where the bucket answers: with an endpoint of its own by path, at Amazon by its own host name."""
    region = _first_of("AWS_REGION", "AWS_DEFAULT_REGION") or _DEFAULT_REGION
    host = f"{endpoint.rstrip('/')}/{bucket}" if endpoint else f"https://{bucket}.s3.{region}.amazonaws.com"
    return f"{host}/{quote(prefix)}" if prefix else host


def _first_of(*names: str) -> str:
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        # the message may hold addresses and answers of the server: only its kind is told
        raise StorageUnavailable(f"the bucket cannot be used: {type(error).__name__}") from error


def _pieces(result: "GetResult") -> Iterator[bytes]:
    with _translated():
        for piece in result.stream(min_chunk_size=_PIECE_BYTES):
            yield bytes(piece)
