"""GET /v1/operations"""

from typing import Any

from bee_customers.db.engine import Database
from bee_customers.services import jobs
from tests.client import Client
from tests.factories import BUSINESS, new_customer
from tests.functional.problem_details import check_problem


def asked(client: Client) -> Any:
    headers = {"Authorization": f"Bearer {client.token}"}
    return client.app.get("/v1/operations", headers=headers, expect_errors=True)


def test_what_waits_and_what_ran_last_is_told(admin: Client, internal: Client, database: Database) -> None:
    nothing = asked(admin).json
    assert nothing["events"] == {
        "backlog": 0,
        "oldest_seconds": 0,
        "refused": 0,
        "quarantined": 0,
        "in_fallback": 0,
    }
    assert nothing["jobs"] == []
    new_customer(internal)
    new_customer(internal)
    jobs.record(database, "backup", 0)
    jobs.record(database, "retention run", 4)
    told = asked(admin).json
    assert told["events"]["backlog"] == 2
    assert [(job["name"], job["last_exit_code"], bool(job["last_success_at"])) for job in told["jobs"]] == [
        ("backup", 0, True),
        ("retention run", 4, False),
    ]


def test_who_works_for_some_businesses_is_told_why_not(anyone: Client) -> None:
    problem = check_problem(asked(anyone.as_("admin", business_id=BUSINESS)), 403, "forbidden")
    assert "all businesses" in problem["detail"]
