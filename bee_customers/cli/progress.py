"""How far long work has come: a bar on a terminal, a line every few seconds elsewhere. On stderr, always."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import click


class Advance(Protocol):
    """Called with the number of things just done and, where it became clearer, with how many there are in all."""

    def __call__(self, count: int, total: int | None = None) -> None: ...


_SECONDS_BETWEEN_LINES = 5.0


@contextlib.contextmanager
def progress(label: str, total: int | None = None, *, done: int = 0, is_quiet: bool = False) -> Iterator[Advance]:
    """Show how far the block has come; it calls what it is given with the number of things just done.

    `done` are those that an earlier run did. `is_quiet` shows nothing. Work that is done within a few seconds
    shows nothing either, unless it is watched on a terminal.
    """
    pace = Pace(total, done)
    if is_quiet:
        yield pace.advance
    elif _is_watched():
        with _bar(label, pace) as advance:
            yield advance
    else:
        yield _lines(label, pace)


class Pace:
    """How much is done, how fast, and how long the rest takes at the average so far."""

    def __init__(self, total: int | None, done: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = self._done_before = done
        self._clock = clock
        self._began = clock()

    def advance(self, count: int, total: int | None = None) -> None:
        self.done += count
        self.total = total or self.total

    def __str__(self) -> str:
        rate = (self.done - self._done_before) / max(self._clock() - self._began, 0.001)
        if self.total is None:
            return f"{self.done:,}, {rate:,.0f}/s"
        told = f"{self.done:,} of {self.total:,}, {rate:,.0f}/s"
        seconds = round((self.total - self.done) / rate) if rate else 0
        return f"{told}, {seconds // 60}:{seconds % 60:02} left" if seconds > 0 else told


def _is_watched() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def _lines(label: str, pace: Pace) -> Advance:
    last = time.monotonic()

    def advance(count: int, total: int | None = None) -> None:
        nonlocal last
        pace.advance(count, total)
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            click.echo(f"{label}: {pace}", err=True)

    return advance


@contextlib.contextmanager
def _bar(label: str, pace: Pace) -> Iterator[Advance]:
    """It goes when the work is done: the command's own last words tell what was done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[pace]}"))
    # what is printed meanwhile goes above the bar; but stdout in a pipe stays stdout
    shown = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
    with shown:
        task = shown.add_task(label, total=pace.total, completed=pace.done, pace=str(pace))

        def advance(count: int, total: int | None = None) -> None:
            pace.advance(count, total)
            shown.update(task, total=pace.total, completed=pace.done, pace=str(pace))

        yield advance
