"""Rows of a file of JSON lines: an object each, whose members are a row's fields."""

import json
from collections.abc import Iterator
from typing import Any

from bee_customers.errors import UnreadableFile
from bee_customers.services.imports.columns import RAW, Names
from bee_customers.services.imports.row import Row, RowFault, bits, printable
from bee_customers.services.imports.source import Source

_NOT_JSON = RowFault("", "is not a JSON object on one line")
_TWICE = RowFault("", "has a member twice")
_TO_MEND = RowFault(RAW, f"mend what {RAW} holds, and put it in place of this line")


class _TwiceError(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _TwiceError
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


class JsonRows:
    """A member that is missing is not given, one that is null is emptied. Empty lines are nothing."""

    header = b""
    delimiter = ","

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names
        self._fields = names.columns.fields
        if not source.begins_with:
            raise UnreadableFile(f"{source.name}: the file is empty")

    def __iter__(self) -> Iterator[Row]:
        source = self._source
        for text in source:
            raw = source.take()
            if text.strip():
                yield self._row(source.line, raw, text)

    def _row(self, line: int, raw: bytes, text: str) -> Row:
        try:
            members = _DECODER.decode(text)
        except _TwiceError:
            return Row(line, raw, (), 0, _TWICE)
        except (ValueError, RecursionError):
            return Row(line, raw, (), 0, _NOT_JSON)
        if not isinstance(members, dict):
            return Row(line, raw, (), 0, _NOT_JSON)
        if RAW in members:
            return Row(line, raw, (), 0, _TO_MEND)
        return self._mapped(line, raw, members)

    def _mapped(self, line: int, raw: bytes, members: dict[str, Any]) -> Row:
        found: dict[str, Any] = {}
        for name, value in members.items():
            try:
                field = self._names.field_of(name)
            except KeyError:
                return Row(line, raw, (), 0, RowFault(printable(name[:40]) or "''", "is not known"))
            if field in found:
                return Row(line, raw, (), 0, RowFault(field, "is there twice, under two names"))
            if field:
                found[field] = value
        values = tuple([found.get(field) for field in self._fields])
        return Row(line, raw, values, bits(self._fields, found), None)
