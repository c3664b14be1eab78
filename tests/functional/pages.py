"""Walking a paged list by its Link headers."""

import re
from typing import Any

from webtest import TestResponse

from tests.client import Client

Page = list[dict[str, Any]]
_LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')
_PAGES_MOST = 1000


def links(response: TestResponse) -> dict[str, str]:
    return {relation: target for target, relation in _LINK.findall(response.headers.get("Link", ""))}


def link(response: TestResponse, relation: str) -> str:
    """The address of the next or previous page; the page must have one."""
    return links(response)[relation]


def cursor(response: TestResponse, relation: str = "next") -> str:
    return link(response, relation).rpartition("cursor=")[2]


def every_page(client: Client, path: str) -> list[Page]:
    """All pages from the first to the last."""
    return [response.json for response in _walk(client, path, "next")]


def back_to_start(client: Client, path: str) -> list[Page]:
    """All pages, read from the last one back to the first, in the order of the list."""
    last = _walk(client, path, "next")[-1]
    before = _walk(client, links(last)["prev"], "prev") if "prev" in links(last) else []
    return [*(response.json for response in reversed(before)), last.json]


def ids(pages: list[Page]) -> list[str]:
    return [item["id"] for page in pages for item in page]


def _walk(client: Client, path: str, relation: str) -> list[TestResponse]:
    responses: list[TestResponse] = []
    following: str | None = path
    while following is not None:
        assert len(responses) < _PAGES_MOST, "the list never ends"
        response = client.get(following)
        assert response.status_int == 200, response.body
        responses.append(response)
        following = links(response).get(relation)
    return responses
