"""Work in several threads at once, where it is the database that does most of it."""

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
# A result, why there are no more of a part, or None at its end.
_Told = tuple[T] | BaseException | None


def side_by_side(parts: Sequence[Iterator[T]]) -> Iterator[T]:
    """What all parts give, as it comes; each part runs in a thread of its own, so on its own connections.

    Ends with the first error. Whoever closes it waits until each part has done what it is at, and no longer.
    """
    if len(parts) == 1:
        yield from parts[0]
        return
    results: queue.SimpleQueue[_Told[T]] = queue.SimpleQueue()
    is_over = threading.Event()
    with ThreadPoolExecutor(len(parts)) as threads:
        for part in parts:
            threads.submit(_run, part, results, is_over)
        try:
            yield from _until_all_end(results, len(parts))
        finally:
            is_over.set()


def _run(part: Iterator[T], results: "queue.SimpleQueue[_Told[T]]", is_over: threading.Event) -> None:
    try:
        for result in part:
            results.put((result,))
            if is_over.is_set():
                return
        results.put(None)
    except BaseException as error:
        results.put(error)


def _until_all_end(results: "queue.SimpleQueue[_Told[T]]", running: int) -> Iterator[T]:
    while running:
        told = results.get()
        if isinstance(told, BaseException):
            raise told
        if told is None:
            running -= 1
        else:
            yield told[0]
