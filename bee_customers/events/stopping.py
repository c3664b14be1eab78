"""How a sleeping relay is told to stop, from a signal handler or another thread."""

import os
import select


class StopSignal:
    """An event with a file descriptor, for who sleeps in select(); set once."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        self.is_set = False

    def set(self, *_: object) -> None:
        """May be called anywhere, also as a signal handler, and more than once."""
        if not self.is_set:
            self.is_set = True
            os.write(self._writing, b"x")

    def fileno(self) -> int:
        return self._reading

    def wait(self, seconds: float) -> None:
        """Sleep, at most until it is set."""
        select.select([self], [], [], seconds)

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)
