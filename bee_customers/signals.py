"""Ending in order when asked to: by the system (SIGTERM) or because the terminal closed (SIGHUP)."""

import signal
from collections.abc import Callable


def exit_when_asked() -> None:
    """From here on the signals end the process as Ctrl-C does: what it started is stopped on the way out."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup and its like have said that this one is to be ignored
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(*_: object) -> None:
    raise SystemExit(0)


def call_each_time(action: Callable[[], None]) -> None:
    """From here on every signal calls `action`, Ctrl-C among them."""
    for number in _heeded():
        signal.signal(number, lambda *_: action())


def call_when_asked(action: Callable[[], None]) -> None:
    """From here on the first signal, Ctrl-C among them, calls `action`; another one ends the process at once."""
    numbers = _heeded()

    def first(*_: object) -> None:
        for number in numbers:
            signal.signal(number, _leave_at_once)
        action()

    for number in numbers:
        signal.signal(number, first)


def _heeded() -> list[signal.Signals]:
    all_of_them = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    return [number for number in all_of_them if signal.getsignal(number) != signal.SIG_IGN]


def _leave_at_once(number: int, _: object) -> None:
    raise SystemExit(128 + number)
