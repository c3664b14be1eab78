"""Files to import that exist in memory only."""

import io
import uuid
from typing import Any

from bee_customers.services.imports.csv_rows import CsvRows
from bee_customers.services.imports.customer_rows import COLUMNS, FIELDS
from bee_customers.services.imports.json_rows import JsonRows
from bee_customers.services.imports.row import Row
from bee_customers.services.imports.source import Source

BUSINESS = str(uuid.UUID(int=7))


class Endless(io.RawIOBase):
    """Gives the beginning, and then the same bytes for ever; counts what was taken of it."""

    def __init__(self, begin: bytes, again: bytes) -> None:
        self._begin = begin
        self._again = again
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._begin[: len(buffer)] or (self._again * (len(buffer) // len(self._again)))
        self._begin = self._begin[len(buffer) :]
        buffer[: len(part)] = part
        self.given += len(part)
        return len(part)


def source(content: bytes | io.RawIOBase, name: str = "people.csv") -> Source:
    stream: Any = io.BufferedReader(content) if isinstance(content, io.RawIOBase) else io.BytesIO(content)
    return Source(stream, name)


def csv_rows(content: bytes, **mapping: str) -> CsvRows:
    return CsvRows(source(content), COLUMNS.names(mapping))


def json_rows(content: bytes, **mapping: str) -> JsonRows:
    return JsonRows(source(content, "people.jsonl"), COLUMNS.names(mapping))


def given(row: Row) -> dict[str, object]:
    """What a row says, by field."""
    return {
        name: value
        for index, (name, value) in enumerate(zip(FIELDS, row.values, strict=True))
        if row.given & (1 << index)
    }
