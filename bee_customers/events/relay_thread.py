"""The relay as a thread of the server, so that development needs one process only."""

import atexit
import threading

from bee_customers.events.relay import Relay
from bee_customers.events.stopping import StopSignal

_STOP_SECONDS = 5.0


def start(relay: Relay) -> None:
    """Run the relay until the process ends; the window at hand is finished first."""
    stop = StopSignal()
    thread = threading.Thread(target=relay.run, args=(stop,), name="events relay", daemon=True)
    # registered after the private PostgreSQL was started, so that it goes before it
    atexit.register(_stop, stop, thread)
    thread.start()


def _stop(stop: StopSignal, thread: threading.Thread) -> None:
    stop.set()
    thread.join(_STOP_SECONDS)
