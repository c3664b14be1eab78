"""A line of the log: JSON, or for a terminal; never two lines for one thing, and never a value of somebody's data.

Libraries' messages and what their errors say may hold anything: of theirs the text is told with its numbers alone
filled in, of errors the kind, the SQLSTATE and where they came from.
"""

import contextlib
import datetime
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, MutableMapping
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.stdlib import ProcessorFormatter

Line = MutableMapping[str, Any]

_EXTRA = ("trace_id", "error", "sqlstate", "where")
_OURS = "bee_customers"
# what JSON may hold as it is, and some take for the end of a line or an order to their terminal
_ENDS = re.compile("[\x80-\x9f\u2028\u2029]")
# https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting, without names and `*`
_PLACE = re.compile(r"%[#0 +-]*\d*(?:\.\d+)?[hlL]?([a-zA-Z%])")
_TAKES_NUMBERS = frozenset("diouxXeEfFgGsra")
_NUMBERS = (int, float)
# what waitress goes on to say is the path
_SERVING = re.compile(r"((?:Exception|Client disconnected) while serving) .*", re.DOTALL)
_UTC = datetime.UTC
log = logging.getLogger(__name__)


def handler(*, is_console: bool) -> logging.Handler:
    """For the root of logging: whatever uses it comes out in our form."""
    made = logging.StreamHandler()
    made.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[_told],
            processors=[ProcessorFormatter.remove_processors_meta, _renderer(is_console)],
            use_get_message=False,
            pass_foreign_args=True,
        )
    )
    return made


def configure_structlog(level: int, *, is_console: bool) -> None:
    """For what is told with fields, such as requests: the way through logging would cost as much again."""
    structlog.configure(
        processors=[_stamped, _renderer(is_console)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=Stderr,
        cache_logger_on_first_use=True,
    )


class Stderr:
    """A whole line at once; a log that cannot be written must not fail what it tells of."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = msg


def tell_of_broken_threads() -> None:
    """Python itself would print what the error says."""

    def tell(broken: threading.ExceptHookArgs) -> None:
        if broken.exc_value is not None:
            name = broken.thread.name if broken.thread else "?"
            log.error("the thread %s ended", name, extra=told_of(broken.exc_value, broken.exc_traceback))

    threading.excepthook = tell


def told_of(error: BaseException, where: TracebackType | None) -> dict[str, Any]:
    """What may be said of any error."""
    told = {"error": type(error).__name__, "where": "".join(traceback.format_tb(where))}
    code = sqlstate(error)
    return {**told, "sqlstate": code} if code else told


def sqlstate(error: BaseException) -> str | None:
    """Of an error of the driver, or of one that it is behind."""
    chain = (error, getattr(error, "orig", None), error.__cause__)
    return next((code for each in chain if (code := getattr(each, "pgcode", None))), None)


def _stamped(_: object, level: str, line: Line) -> Line:
    return {"time": _now(), "level": level, "event": line.pop("event"), **line}


def _now() -> str:
    return f"{datetime.datetime.now(_UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def _told(_: object, level: str, line: Line) -> Line:
    """A record of logging; `event` is its text, still without its arguments."""
    record: logging.LogRecord = line["_record"]
    args = line.pop("positional_args", None)
    is_ours = record.name.partition(".")[0] == _OURS
    event = line.pop("event")
    if args:
        event = event % args if is_ours else with_numbers(event, args)
    if record.name == "waitress":
        event = _SERVING.sub(r"\1", event)
    line = {"time": _now(), "level": level, "logger": record.name, "event": event, **line}
    line.update({name: getattr(record, name) for name in _EXTRA if hasattr(record, name)})
    broken = line.pop("exc_info", None) or record.exc_info
    if broken and broken[1]:
        line.update(told_of(broken[1], broken[2]))
    line.pop("stack_info", None)
    return line


def with_numbers(text: str, args: object) -> str:
    """The text of a library, of whose arguments plain numbers alone are filled in: any other may be anybody's."""
    places = [found for found in _PLACE.finditer(text) if found[1] != "%"]
    if not isinstance(args, tuple) or len(places) != len(args):
        return text
    # what this does not understand, such as names and `*`, is left as it is
    if text.count("%") != len(places) + 2 * len(re.findall("%%", text)):
        return text
    left = iter(args)
    return _PLACE.sub(lambda found: found[0] if found[1] == "%" else _filled(found, next(left)), text)


def _filled(place: re.Match[str], value: object) -> str:
    # not what passes for a number: an enum's or a flag's text is its own
    if type(value) not in _NUMBERS or place[1] not in _TAKES_NUMBERS:
        return place[0]
    try:
        return place[0] % value
    except (ValueError, OverflowError, TypeError):
        return place[0]


def _renderer(is_console: bool) -> Callable[[object, str, Line], str]:
    return _as_console if is_console else _as_json


def _as_json(_: object, __: str, line: Line) -> str:
    text = orjson.dumps(line, default=str).decode()
    return text if text.isascii() else _ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _as_console(_: object, __: str, line: Line) -> str:
    """`event` and fields; what would begin a line of its own is set back, and what steers a terminal is shown."""
    head = f"{line.pop('time')} {line.pop('level').upper():<7} {line.pop('logger', '')} {line.pop('event')}"
    rest = "".join(f" {name}={value}" for name, value in line.items() if name != "where")
    where = f"\n{line['where']}" if line.get("where") else ""
    return "\n    ".join(map(_shown, f"{head}{rest}{where}".rstrip().split("\n")))


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
