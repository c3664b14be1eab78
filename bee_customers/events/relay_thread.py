"""The relay as a thread of the server, so that development needs one process only."""

import contextlib
import threading
from collections.abc import Iterator

from bee_customers.events.relay import Relay
from bee_customers.events.stopping import StopSignal

_STOP_SECONDS = 5.0


@contextlib.contextmanager
def running(relay: Relay | None) -> Iterator[None]:
    """The relay at work, where there is one; at the end it finishes the window at hand."""
    if relay is None:
        yield
        return
    stop = StopSignal()
    # a daemon: whatever keeps it from stopping must not keep the process from ending
    thread = threading.Thread(target=relay.run, args=(stop,), name="events relay", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)
