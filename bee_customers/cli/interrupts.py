"""Long work stops between two batches when it is asked to: by Ctrl-C, by the system, by a terminal that closes."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

import click

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DONE = b"\0"
_SHOW_CURSOR = "\x1b[?25h"


class Stopped(click.ClickException):
    """Work that was asked to stop, and did; the message tells how far it came and how to finish the rest."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Stopped: {self.format_message()}", err=True, file=file)


@contextlib.contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """While the block runs, SIGINT, SIGTERM and SIGHUP set this event, which the work asks between its batches.

    The second signal ends the process at once, whatever it does: PostgreSQL undoes what is not committed. Only
    for the main thread.
    """
    asked = threading.Event()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    watcher = threading.Thread(target=_watch, args=(reading, asked), daemon=True)
    # A handler in Python would wait for the statement that the driver is in; this pipe does not.
    old_pipe = signal.set_wakeup_fd(writing)
    old_handlers = {number: signal.signal(number, _nothing) for number in _heard()}
    watcher.start()
    try:
        yield asked
    finally:
        for number, handler in old_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_pipe)
        os.write(writing, _DONE)
        watcher.join()
        os.close(reading)
        os.close(writing)


def _heard() -> list[signal.Signals]:
    """Not those that nohup and its like have said are to be ignored."""
    return [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


def _nothing(*_: object) -> None:
    """The pipe tells."""


def _watch(reading: int, asked: threading.Event) -> None:
    while (told := os.read(reading, 1)) != _DONE:
        if told[0] not in _SIGNALS:
            continue
        if asked.is_set():
            _end_at_once(told[0])
        asked.set()
        click.echo("stopping after this batch; once more ends at once", err=True)


def _end_at_once(number: int) -> None:
    with contextlib.suppress(OSError):
        click.echo("ended at once: what was not committed is undone", err=True)
        if sys.stderr.isatty():
            click.echo(_SHOW_CURSOR, err=True, nl=False)
    os._exit(128 + number)
