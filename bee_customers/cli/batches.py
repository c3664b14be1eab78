"""Work in batches, as every long command does it: shown while it goes on, and stopped in between when asked to."""

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Generic, TypeVar

from bee_customers.cli.interrupts import stop_signal
from bee_customers.cli.progress import progress

T = TypeVar("T")


class Batches(Generic[T]):
    """Iterate over it to do the work; it ends early, as `is_stopped` then tells, when a signal asks for it."""

    def __init__(
        self, label: str, work: Iterable[T], total: int, size: Callable[[T], int], *, is_quiet: bool = False
    ) -> None:
        self.done = 0
        self.is_stopped = False
        self._label = label
        self._work = work
        self._total = total
        self._size = size
        self._is_quiet = is_quiet

    def __iter__(self) -> Iterator[T]:
        with stop_signal() as stop, progress(self._label, self._total, is_quiet=self._is_quiet) as advance:
            try:
                for batch in self._work:
                    self.done += self._size(batch)
                    advance(self._size(batch))
                    yield batch
                    if stop.is_set() and self.done < self._total:
                        self.is_stopped = True
                        return
            finally:
                # what goes on in other threads ends before the last words are said
                if isinstance(self._work, Generator):
                    self._work.close()
