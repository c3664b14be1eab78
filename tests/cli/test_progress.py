"""How far long work has come."""

import contextlib
import io
import sys

import pytest

from bee_customers.cli import progress as module
from bee_customers.cli.progress import Pace, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture
def always_due(monkeypatch):
    """A line at each step, not every few seconds."""
    monkeypatch.setattr(module, "_SECONDS_BETWEEN_LINES", 0)


@contextlib.contextmanager
def shown_on(terminal, *arguments, **options):
    with contextlib.redirect_stderr(terminal), progress(*arguments, **options) as advance:
        yield advance


def pace_after(seconds, *counts, total=None, done=0):
    times = iter([0.0, seconds])
    pace = Pace(total, done, clock=lambda: next(times))
    for count in counts:
        pace.advance(count)
    return str(pace)


def test_the_rate_is_told_and_the_time_left_where_the_whole_is_known():
    assert pace_after(10, 2_000, 3_000) == "5,000, 500/s"
    assert pace_after(10, 5_000, total=50_000) == "5,000 of 50,000, 500/s, 1:30 left"
    assert pace_after(10, 5_000, total=5_000) == "5,000 of 5,000, 500/s"
    assert pace_after(10, total=5_000) == "0 of 5,000, 0/s"


def test_what_an_earlier_run_did_is_done_and_makes_this_one_no_faster():
    assert pace_after(10, 1_000, total=41_000, done=30_000) == "31,000 of 41,000, 100/s, 1:40 left"


def test_elsewhere_it_is_lines_on_stderr(capsys, always_due):
    with progress("reading", 300) as advance:
        advance(100)
        advance(200)
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(",")[0] for line in err.splitlines()] == ["reading: 100 of 300", "reading: 300 of 300"]


def test_short_work_says_nothing_elsewhere(capsys):
    with progress("reading", 300) as advance:
        advance(300)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar_that_goes(terminal, capsys):
    with shown_on(terminal, "reading", 300) as advance:
        advance(100)
    assert "reading" in terminal.getvalue()
    assert "100 of 300" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is cleared
    assert capsys.readouterr().out == ""


def test_stdout_in_a_pipe_stays_stdout_beside_a_bar(terminal, capsys):
    with shown_on(terminal, "reading", 300):
        sys.stdout.write("a result\n")
    assert capsys.readouterr().out == "a result\n"
    assert "a result" not in terminal.getvalue()


@pytest.mark.parametrize("kind", ["dumb", "unknown", None])
def test_a_terminal_that_cannot_draw_gets_lines(terminal, monkeypatch, always_due, kind):
    monkeypatch.delenv("TERM")
    if kind:
        monkeypatch.setenv("TERM", kind)
    with shown_on(terminal, "reading") as advance:
        advance(7)
    assert terminal.getvalue().startswith("reading: 7, ")
    assert "\x1b" not in terminal.getvalue()


def test_quiet_is_quiet_everywhere(terminal, always_due):
    with shown_on(terminal, "reading", is_quiet=True) as advance:
        advance(7)
    assert terminal.getvalue() == ""
