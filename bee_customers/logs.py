"""Logging of the web process and the relay: our own at LOG_LEVEL, everybody else's warnings, on stderr.

What is slow to import comes with `configure`: few commands log, and all of them import this.
"""

import logging
import sys
from typing import Any

AUTO, JSON, CONSOLE = "auto", "json", "console"


def configure(level: str, form: str = AUTO) -> None:
    """`form` is json, console, or auto: console where stderr is a terminal."""
    from bee_customers import log_lines

    is_console = form == CONSOLE or (form == AUTO and sys.stderr.isatty())
    logging.basicConfig(level=logging.WARNING, handlers=[log_lines.handler(is_console=is_console)])
    logging.getLogger("bee_customers").setLevel(level.upper())
    # it warns whenever a request waits for a thread, which is what its queue is for
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    log_lines.configure_structlog(getattr(logging, level.upper()), is_console=is_console)
    log_lines.tell_of_broken_threads()


def request_log() -> Any:
    """Takes a line for each request; None without `configure`, and where LOG_LEVEL is above info."""
    structlog = sys.modules.get("structlog")
    if structlog is None or not structlog.is_configured():
        return None
    log = structlog.get_logger().bind()
    return log if log.is_enabled_for(logging.INFO) else None
