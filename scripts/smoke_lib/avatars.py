"""Avatars: an image up, its small picture down, and nothing left of either."""

import struct
import urllib.error
import urllib.request
import zlib
from urllib.parse import urljoin

from smoke_lib.client import Reply
from smoke_lib.sample import Customer, Run

_BOUNDARY = "smoke-7MA4YWxkTrZu0gW"
_FORM = f"multipart/form-data; boundary={_BOUNDARY}"
_SIDE_MOST = 512


def avatars(run: Run) -> None:
    service, customer = run.service, run.pick()
    url = service.expect_status(_upload(run, customer, _png(900, 600)), 200).json()["avatar_url"]
    _expect_picture(run, url)
    replaced = service.expect_status(_upload(run, customer, _png(64, 64), "photo.exe"), 200).json()["avatar_url"]
    service.expect("the file that was replaced", 404, _fetch(run, url)[0])
    shown = service.call("GET", customer.path, role="admin").json()
    service.expect("the avatar shown", replaced, shown["avatar_url"])
    _refused(run, customer)
    service.expect_status(service.call("DELETE", f"{customer.path}/avatar", role="admin"), 204)
    service.expect("the file that was taken away", 404, _fetch(run, replaced)[0])
    last = service.expect_status(_upload(run, customer, _png(64, 64)), 200).json()["avatar_url"]
    service.expect_status(service.call("DELETE", customer.path), 204)
    run.created.remove(customer)
    service.expect("the file of a deleted customer", 404, _fetch(run, last)[0])


def _expect_picture(run: Run, url: str) -> None:
    status, headers, content = _fetch(run, url)
    run.service.expect("the avatar's file", (200, "image/webp"), (status, headers.get("Content-Type")))
    run.service.expect("a WebP file", (b"RIFF", b"WEBP"), (content[:4], content[8:12]))
    width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
    run.service.expect("the longer side", _SIDE_MOST, max(width, height))
    if url.startswith("/"):  # a bucket has headers of its own
        run.service.expect("nosniff", "nosniff", headers.get("X-Content-Type-Options"))
        run.service.expect_true("long caching", "immutable" in headers.get("Cache-Control", ""))


def _refused(run: Run, customer: Customer) -> None:
    service, good = run.service, _png(64, 64)
    service.expect_problem(_upload(run, customer, b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 415)
    service.expect_problem(_upload(run, customer, b"GIF89a" + bytes(100)), 415)
    service.expect_problem(_upload(run, customer, good[: len(good) // 2]), 422)
    service.expect_problem(_upload(run, customer, _png(64, 64, claimed=(50_000, 50_000))), 413)
    service.expect_problem(_upload(run, customer, good + bytes(5 * 1024 * 1024)), 413)
    service.expect_problem(_upload(run, customer, good, role="customer"), 403)


def _upload(run: Run, customer: Customer, content: bytes, name: str = "me.png", role: str = "admin") -> Reply:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return run.service.call("POST", f"{customer.path}/avatar", body, role=role, media_type=_FORM)


def _fetch(run: Run, url: str) -> tuple[int, dict[str, str], bytes]:
    """As a browser would: without a token, from the service or from a bucket."""
    try:
        with urllib.request.urlopen(urljoin(run.service.url + "/", url), timeout=30) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {}, b""


def _png(width: int, height: int, claimed: tuple[int, int] | None = None) -> bytes:
    """A gradient in grey; `claimed` is what its header says instead of the truth."""
    rows = b"".join(b"\0" + bytes((x + y) % 256 for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
