"""The service without what watches it, which the benchmark compares with."""

import re
from pathlib import Path

from bench import web


def test_it_answers_the_same_and_counts_nothing(made: str, directory: Path) -> None:
    token = {"Authorization": f"Bearer {'t' * 16}"}
    with web.unwatched(made, directory, METRICS_TOKEN="t" * 16) as bare:
        status, body = bare.request("GET", "/v1/customers?limit=1", web.bearer("admin"))
        assert (status, body[:1]) == (200, b"[")
        scraped = bare.request("GET", "/metrics", token)[1].decode()
        missed = bare.request("GET", "/nowhere", {})[1].decode()
    assert "bee_customers_events_backlog" in scraped
    assert not re.search(r"^bee_customers_http_requests_total", scraped, re.MULTILINE)
    assert f'"trace_id":"{"0" * 32}"' in missed
    assert '"event":"request"' not in (directory / "unwatched.log").read_text()
