"""The import itself: batches are read and checked in one thread while a second merges the one before."""

import collections
import concurrent.futures
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator

from bee_customers.errors import UnreadableFile
from bee_customers.services.customer_changes import Clock, utc_now
from bee_customers.services.imports.batches import Batch
from bee_customers.services.imports.merging import Merge, Store, merge_rounds
from bee_customers.services.imports.outcome import Counts
from bee_customers.services.imports.rejects import Reject
from bee_customers.services.imports.streams import StoppedWaiting

# Read ahead of the one that is being merged: enough for neither thread to wait for the other.
_AHEAD = 2
_TURN_SECONDS = 0.0002
# Called for each batch that is kept, with the counts so far and with its rejects; in another thread.
Tell = Callable[[Counts, list[Reject]], None]


@contextlib.contextmanager
def _quick_turns() -> Iterator[None]:
    """Whoever merges runs a dozen statements a batch, and after each would wait 5 ms for who reads to let go."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class Importer:
    """Keeps batches in order; `counts` go on from those of an earlier run."""

    def __init__(self, merge: Merge, store: Store, tell: Tell, counts: Counts, clock: Clock = utc_now) -> None:
        self._merge = merge
        self._store = store
        self._tell = tell
        self._clock = clock
        self._has_failed = False
        self.counts = counts

    def run(self, batches: Iterable[Batch], is_asked_to_stop: Callable[[], bool]) -> bool:
        """Whether it reached the end. Raises what a merge raises; all batches before are kept then."""
        pending = collections.deque[concurrent.futures.Future[None]]()
        with _quick_turns(), concurrent.futures.ThreadPoolExecutor(1) as thread:
            try:
                for batch in batches:
                    while len(pending) >= _AHEAD:
                        pending.popleft().result()
                    if is_asked_to_stop():
                        return False
                    pending.append(thread.submit(self._keep, batch))
            except StoppedWaiting:  # what came since the last batch is read again by whoever goes on
                return False
            except UnreadableFile:
                # how far it comes does not hang on how far it had read
                _wait_for(pending)
                raise
            else:
                _wait_for(pending)
            finally:
                for each in pending:
                    each.cancel()
        return True

    def _keep(self, batch: Batch) -> None:
        if self._has_failed:  # what comes behind a batch that failed must not go before it
            return
        try:
            counts, rejects = self._store.keep(
                batch, lambda transaction: merge_rounds(self._merge, transaction, batch, self._clock())
            )
        except BaseException:
            self._has_failed = True
            raise
        self.counts += counts
        self._tell(self.counts, rejects)


def _wait_for(pending: collections.deque[concurrent.futures.Future[None]]) -> None:
    while pending:
        pending.popleft().result()
