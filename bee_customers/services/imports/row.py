"""One row of a file, whatever its format."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol


@dataclasses.dataclass(frozen=True)
class RowFault:
    """What is wrong with a row: the fields, or none where all of it is, and the reason; without a value."""

    field: str
    reason: str


class Row(NamedTuple):
    """`values` stand in the order of the fields; of those, `given` says by its bits which the row has at all.

    `line` is the first of it; `raw` are its bytes as they stood in the file. Without values, `fault` says why.
    """

    line: int
    raw: bytes
    values: tuple[object, ...]
    given: int
    fault: RowFault | None


class Rows(Protocol):
    """The rows behind a header that is read already; `header` is what stood there, empty where there is none."""

    header: bytes
    delimiter: str

    def __iter__(self) -> Iterator[Row]: ...


def bits(fields: tuple[str, ...], given: Mapping[str, object]) -> int:
    """One bit a field, the first one lowest."""
    return sum(1 << index for index, name in enumerate(fields) if name in given)


def printable(text: str) -> str:
    """On one line that every terminal can show, and that does nothing to it."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
