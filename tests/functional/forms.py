"""Forms with files, as a browser sends them."""

BOUNDARY = "----boundary7MA4YWxkTrZu0gW"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(content: bytes, name: str = "file", filename: str = "me.jpg", media_type: str = "image/jpeg") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return f"{disposition}Content-Type: {media_type}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes, boundary: str = BOUNDARY) -> bytes:
    line = f"--{boundary}\r\n".encode()
    return b"".join(line + one for one in parts) + f"--{boundary}--\r\n".encode()
