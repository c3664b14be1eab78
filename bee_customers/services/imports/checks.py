"""The rules of fields, as an import applies them: once for each value that repeats, with the text COPY takes."""

import functools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from bee_customers.errors import InvalidDocument, InvalidField
from bee_customers.services import rules
from bee_customers.services.imports.row import RowFault

NULL = r"\N"
_MEMO_MOST = 65_536
_NIL = "00000000-0000-0000-0000-000000000000"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)

# From a field's value to the text of the columns that are made of it.
Check = Callable[[object], str]


class CheckedRow(NamedTuple):
    """A row that every rule takes: the text of its columns for COPY, and the tags it names.

    `keys` are those that only one customer has, its id and its user; without any it is known by its `email`, as
    that is compared. Rows of one customer go in the order of the file; see turns.py.
    """

    line: int
    raw: bytes
    text: str
    tags: tuple[str, ...]
    keys: tuple[str, ...] = ()
    email: str | None = None


def remembered(check: Callable[[str], str]) -> Check:
    """For values that repeat: the rule is asked once for each."""
    known = functools.lru_cache(maxsize=_MEMO_MOST)(check)

    def look(value: object) -> str:
        return known(value) if isinstance(value, str) else check(value)  # type: ignore[arg-type]

    return look


def identifier(value: object) -> str:
    if isinstance(value, str) and _UUID.fullmatch(value) and value != _NIL:
        return value
    return str(rules.identifier(value))


def escaped(text: str) -> str:
    """What no rule refuses and COPY would take for something else. Tabs and line ends are refused."""
    return text.replace("\\", "\\\\") if "\\" in text else text


class FieldChecks:
    """Applies the checks of all fields to a row's values."""

    def __init__(self, fields: tuple[str, ...], checks: dict[str, Check], empty: dict[str, str]) -> None:
        self._checks = [(index, name, checks[name]) for index, name in enumerate(fields) if name in checks]
        self._empty = [empty.get(name, NULL) for name in fields]

    def texts(self, values: tuple[object, ...], faults: list[RowFault]) -> list[str]:
        """The text of each field's columns; what is wrong is added to `faults`."""
        texts = self._empty.copy()
        for index, name, check in self._checks:
            value = values[index]
            if value is not None:
                try:
                    texts[index] = check(value)
                except InvalidField as error:
                    faults.append(RowFault(name, str(error)))
        return texts


def tag_faults(error: InvalidDocument | InvalidField) -> list[RowFault]:
    """What is wrong with a list of tags, a line for each."""
    if isinstance(error, InvalidField):
        return [RowFault("tags", str(error))]
    return [RowFault("tags", f"{fault.pointer.removeprefix('/')}: {fault.detail}") for fault in error.faults]


class Refused(Exception):
    """A row that breaks a rule; carries every fault."""

    def __init__(self, faults: list[RowFault]) -> None:
        super().__init__()
        self.faults = faults


def clean_tags(names: Any) -> tuple[str, ...]:
    """Raises InvalidField or InvalidDocument."""
    return tuple(rules.tags(list(names) if isinstance(names, tuple) else names))
