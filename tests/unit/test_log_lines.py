"""Lines of the log: one for each thing, in JSON or for a terminal, without what errors and libraries say."""

import io
import json
import logging
import secrets
import threading
from collections.abc import Iterator

import psycopg2
import pytest

from bee_customers import log_lines, logs

OURS, THEIRS = "bee_customers.somewhere", "somebody.else"
FORGED = '\n{"event":"forged"}\r\x1b[2J\x85\u2028end'


@pytest.fixture(params=[False, True], ids=["json", "console"])
def is_console(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def handler(is_console: bool, stream: io.StringIO) -> Iterator[logging.Handler]:
    made = log_lines.handler(is_console=is_console)
    made.setStream(stream)
    loggers = [logging.getLogger(name) for name in (OURS, THEIRS, "bee_customers.log_lines")]
    for logger in loggers:
        logger.addHandler(made)
        logger.propagate = False
    yield made
    for logger in loggers:
        logger.removeHandler(made)
        logger.propagate = True


def told(stream: io.StringIO) -> dict:
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_our_lines_are_told_in_full(handler, stream, is_console):
    logging.getLogger(OURS).warning("unavailable: %s", "the database", extra={"trace_id": "t", "x": "not ours"})
    if is_console:
        assert stream.getvalue().split(" ", 1)[1] == f"WARNING {OURS} unavailable: the database trace_id=t\n"
    else:
        line = told(stream)
        assert line.pop("time").endswith("Z")
        assert line == {
            "level": "warning",
            "logger": OURS,
            "event": "unavailable: the database",
            "trace_id": "t",
        }


def test_of_libraries_the_text_is_told_without_its_arguments(handler, stream):
    logging.getLogger(THEIRS).error("Exception while serving %s", "/v1/customers/Popescu")
    assert "Exception while serving %s" in stream.getvalue()
    assert "Popescu" not in stream.getvalue()


class Weight(float):
    def __str__(self) -> str:
        return "Popescu"


@pytest.mark.parametrize(
    ("text", "arguments", "filled"),
    [
        ("Task queue depth is %d", (5,), "Task queue depth is 5"),
        ("%s waits %.1f s, %5d of %s", ("Popescu", 1.25, 7, 9), "%s waits 1.2 s,     7 of 9"),
        ("%d%% of %s", (80, "Popescu"), "80%% of %s"),
        ("%s and %s", (True, None), "%s and %s"),
        ("%s at %s", (Weight(2), 3), "%s at 3"),
        ("%c and %r", (80, 81), "%c and 81"),
        ("%*d", (5, 7), "%*d"),
        ("%(who)s %(count)d", ({"who": "Popescu", "count": 3},), "%(who)s %(count)d"),
        ("%s", ("Popescu",), "%s"),
    ],
)
def test_of_a_librarys_arguments_plain_numbers_alone_are_told(
    handler, stream, is_console, text, arguments, filled
):
    logging.getLogger(THEIRS).error(text, *arguments)
    event = stream.getvalue().partition(f"{THEIRS} ")[2][:-1] if is_console else told(stream)["event"]
    assert event == filled


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("%d and %x", (float("inf"), 1.5)),
        ("%d", (1, 2)),
        ("%d %d", (1,)),
        ("a % b %d", (1,)),
        ("%d", ("Popescu",)),
        ("%d", (10**5000,)),
    ],
    ids=["no integers", "too many", "too few", "no place", "no number", "too long"],
)
def test_a_text_that_cannot_be_filled_stays_as_it_is(text, arguments):
    assert log_lines.with_numbers(text, arguments) == text


@pytest.mark.parametrize("logger", [OURS, THEIRS])
def test_of_an_error_its_kind_and_place_are_told_and_not_what_it_says(handler, stream, logger):
    mark = secrets.token_hex(8)
    try:
        int(mark + "x")
    except ValueError:
        logging.getLogger(logger).exception("it failed")
    assert mark not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "test_of_an_error_its_kind" in stream.getvalue()


def test_what_postgresql_calls_an_error_is_told(postgres, handler, stream):
    with psycopg2.connect(postgres.url) as connection, connection.cursor() as cursor:
        try:
            cursor.execute("SELECT 'mark'::int")
        except psycopg2.Error:
            logging.getLogger(OURS).exception("it failed")
    connection.close()
    assert "22P02" in stream.getvalue()
    assert "mark" not in stream.getvalue().replace("SELECT 'mark'::int", "")


def test_no_text_forges_a_line(handler, stream, is_console):
    logging.getLogger(OURS).warning("said %s", FORGED)
    lines = stream.getvalue().split("\n")[:-1]
    assert [line for line in lines[1:] if not line.startswith("    ")] == []
    assert len(lines) == (2 if is_console else 1)
    for sign in "\r\x1b\x85":
        assert sign not in stream.getvalue()
    if not is_console:
        assert json.loads(lines[0])["event"] == f"said {FORGED}"


def test_a_thread_that_breaks_is_told_without_what_the_error_says(handler, stream, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    log_lines.tell_of_broken_threads()
    mark = secrets.token_hex(8)

    def fail() -> None:
        raise ValueError(mark)

    thread = threading.Thread(target=fail, name="the one that breaks")
    thread.start()
    thread.join()
    assert "the thread the one that breaks ended" in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert mark not in stream.getvalue()


def test_a_log_that_cannot_be_written_fails_nobody(monkeypatch):
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sys.stderr", Full())
    log_lines.Stderr().msg("a line")


def test_nothing_logs_requests_where_nobody_asked_for_a_log():
    assert logs.request_log() is None


def test_the_path_that_the_server_was_at_is_in_no_line(is_console: bool, stream: io.StringIO) -> None:
    made = log_lines.handler(is_console=is_console)
    made.setStream(stream)
    for what in ("Exception", "Client disconnected"):
        made.handle(
            logging.makeLogRecord({"name": "waitress", "msg": f"{what} while serving /customers/Maria\nP"})
        )
    assert "Maria" not in stream.getvalue()
    assert "Exception while serving" in stream.getvalue()
    assert "Client disconnected while serving" in stream.getvalue()
