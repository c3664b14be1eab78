"""Unexpected errors to Sentry, an extra: without its setting nothing of it is imported.

What goes out is chosen, not taken out: kinds of errors, where they came from in our source, trace id and route.
"""

from typing import Any

from bee_customers import __version__
from bee_customers.errors import InvalidSetting

_FLUSH_SECONDS = 5.0
_KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "sdk", "tags")
_OF_ERROR = ("type", "module")
_OF_FRAME = ("filename", "function", "module", "lineno", "in_app", "context_line", "pre_context", "post_context")


class Report:
    """Reports an error with some tags, in the background."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __call__(self, error: Exception, tags: dict[str, str]) -> None:
        from sentry_sdk.utils import event_from_exception

        event, hint = event_from_exception(error, client_options=self._client.options)
        event["tags"] = tags
        self._client.capture_event(event, hint)

    def flush(self) -> None:
        """For who ends after it: wait until all has gone out, five seconds at most."""
        self._client.flush(timeout=_FLUSH_SECONDS)


def connect(dsn: str, environment: str, **options: Any) -> Report:
    """Gives what reports an error with some tags, in the background; raises InvalidSetting without the extra."""
    try:
        import sentry_sdk
    except ImportError:
        raise InvalidSetting(
            "SENTRY_DSN: is set, and what it needs is not installed: pip install 'bee-customers[sentry]'"
        ) from None
    # not the one of the process: nothing else is to find it, and integrations would send what they see
    client = sentry_sdk.Client(
        dsn=dsn,
        environment=environment,
        release=__version__,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_chosen,
        **options,
    )

    return Report(client)


def _chosen(event: Any, _: Any) -> Any:
    told = {name: event[name] for name in _KEPT if name in event}
    errors = (event.get("exception") or {}).get("values") or []
    told["exception"] = {"values": [_error(error) for error in errors]}
    return told


def _error(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames") or []
    told = [{name: frame[name] for name in _OF_FRAME if name in frame} for frame in frames]
    return {**{name: error.get(name) for name in _OF_ERROR}, "value": "", "stacktrace": {"frames": told}}
