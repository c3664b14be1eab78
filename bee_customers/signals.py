"""Ending in order when asked to: by the system (SIGTERM) or because the terminal closed (SIGHUP)."""

import signal


def exit_when_asked() -> None:
    """From here on the signals end the process as Ctrl-C does: what it started is stopped on the way out."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # nohup and its like have said that this one is to be ignored
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _leave)


def _leave(*_: object) -> None:
    raise SystemExit(0)
