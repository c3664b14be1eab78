"""What is shown of the service itself."""

from typing import Any

from bee_customers.api.schemas.customers import TIME_FORM, closed_object, nullable

_COUNT = {"type": "integer", "minimum": 0}
_SECONDS = {"type": "number", "minimum": 0}

OPERATIONS: dict[str, Any] = closed_object(
    events=closed_object(
        backlog=_COUNT, oldest_seconds=_SECONDS, refused=_COUNT, quarantined=_COUNT, in_fallback=_COUNT
    ),
    jobs={
        "type": "array",
        "items": closed_object(
            name={"type": "string"},
            last_started_at=TIME_FORM,
            last_finished_at=nullable(TIME_FORM),
            last_success_at=nullable(TIME_FORM),
            last_exit_code=nullable({"type": "integer"}),
            last_duration_seconds=nullable(_SECONDS),
        ),
    },
)
