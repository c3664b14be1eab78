"""ETags and the requests that depend on them (RFC 9110, 13). The ETag is the customer's version."""

import re

from pyramid.request import Request

_ETAG = re.compile(r'(W/)?"([^"]*)"')
_LIST = re.compile(r'\s*(?:W/)?"[^"]*"\s*(?:,\s*(?:W/)?"[^"]*"\s*)*')


def etag(version: int) -> str:
    return f'"{version}"'


def accepted_versions(request: Request) -> frozenset[int] | None:
    """The versions If-Match accepts; None for any. Weak, foreign and malformed tags accept nothing."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    return frozenset(int(tag) for is_weak, tag in _tags(header) if not is_weak and _is_version(tag))


def is_known_to_caller(request: Request, version: int) -> bool:
    """Whether If-None-Match holds this version already, by the weak comparison that GET uses."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    return header.strip() == "*" or any(tag == str(version) for _, tag in _tags(header))


def _tags(header: str) -> list[tuple[str, str]]:
    return _ETAG.findall(header) if _LIST.fullmatch(header) else []


def _is_version(tag: str) -> bool:
    return re.fullmatch(r"[1-9][0-9]{0,9}", tag) is not None
