"""What every error body has to be, and how to look into one."""

from typing import Any

from webtest import TestResponse

MEMBERS = {"type", "title", "status", "detail", "instance", "trace_id"}
EXTENSIONS = {"errors", "customer_id"}


def check_problem(response: TestResponse, status: int, slug: str | None = None) -> dict[str, Any]:
    """Assert that the reply is a whole problem document with this status; returns it."""
    assert (response.status_int, response.content_type) == (status, "application/problem+json"), response.body[
        :500
    ]
    document: dict[str, Any] = response.json
    assert set(document) >= MEMBERS
    assert set(document) <= MEMBERS | EXTENSIONS
    assert document["status"] == status
    assert document["type"].startswith("/problems/")
    assert document["title"]
    assert document["detail"]
    assert document["instance"].startswith("/")
    assert document["trace_id"] == response.headers["X-Request-ID"]
    if slug is not None:
        assert document["type"] == f"/problems/{slug}"
    return document


def pointers(response: TestResponse) -> set[str]:
    """Where the faults of a 422 are: JSON pointers, or names of parameters."""
    faults = check_problem(response, 422, "invalid")["errors"]
    assert all(fault["detail"] for fault in faults)
    return {fault.get("pointer", fault.get("parameter")) for fault in faults}
