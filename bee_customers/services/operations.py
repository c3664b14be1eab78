"""How the service itself stands, for those who run it: numbers of all businesses together."""

import dataclasses
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.errors import BusinessNotAllowed
from bee_customers.services import jobs, publishing
from bee_customers.services.access import Scope


def overview(database: Database, scope: Scope) -> dict[str, Any]:
    """Events that wait and the last run of each job; BusinessNotAllowed for a token that names businesses."""
    if scope.businesses is not None:
        raise BusinessNotAllowed("this is told to administrators of all businesses")
    return {
        "events": dataclasses.asdict(publishing.waiting(database)),
        "jobs": [_told(run) for run in jobs.last_runs(database)],
    }


def _told(run: jobs.LastRun) -> dict[str, Any]:
    return {
        "name": run.name,
        "last_started_at": run.started_at,
        "last_finished_at": run.finished_at,
        "last_success_at": run.success_at,
        "last_exit_code": run.exit_code,
        "last_duration_seconds": run.duration_seconds,
    }
