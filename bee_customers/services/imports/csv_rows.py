"""Rows of a CSV file: its delimiter found, its header understood, its cells as JSON would have them."""

import csv
from collections.abc import Iterator
from operator import itemgetter

from bee_customers.errors import InvalidField, UnreadableFile, WrongColumns
from bee_customers.services import csv_cells
from bee_customers.services.imports.columns import Names
from bee_customers.services.imports.row import Row, RowFault, bits
from bee_customers.services.imports.source import ROW_MOST, Source

_DELIMITERS = (",", ";", "\t", "|")
_MEMO_MOST = 50_000
_BAD_QUOTES = RowFault(
    "", "the quotes are wrong: a cell with a quote needs quotes around it, and that one doubled"
)
_LINE_END = RowFault("", "holds a line end without quotes around its cell")
_BAD_TAGS = RowFault("tags", "must be names with ; between them, or a JSON list of names")
# for all of the process: the reader's own limit is an eighth of what a row may have
csv.field_size_limit(ROW_MOST)


class CsvRows:
    """Empty cells are null, lines without any cell nothing. Raises UnreadableFile and WrongColumns."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        first = _first_line(source)
        self.delimiter = max(_DELIMITERS, key=lambda each: names.count_known(_cells(first, each)))
        header = _cells(first, self.delimiter)
        if not names.count_known(header):
            raise WrongColumns(
                f"{source.name}, line 1: names no column that is known; known are "
                + ", ".join(names.columns.fields)
            )
        self.given = names.positions(header, source.name)
        self.header = source.take()
        self._width = len(header)
        self._fields = names.columns.fields
        self._tags: dict[str, tuple[str, ...]] = {}

    def __iter__(self) -> Iterator[Row]:
        source, width = self._source, self._width
        # one cell more than there are, for the fields that the file lacks
        pick = itemgetter(*(self.given.get(field, width) for field in self._fields))
        given = bits(self._fields, self.given)
        tags_at = self._fields.index("tags") if "tags" in self.given else None
        reader = csv.reader(source, delimiter=self.delimiter, strict=True)
        while True:
            line = source.line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                fault = _LINE_END if str(error).startswith("new-line") else _BAD_QUOTES
                yield Row(line, source.take(), (), 0, fault)
                continue
            raw = source.take()
            if not cells:
                continue
            if len(cells) != width:
                told = RowFault("", f"has {len(cells)} cells where the header has {width}")
                yield Row(line, raw, (), 0, told)
                continue
            if b"'" in raw:
                cells = [csv_cells.unguard(cell) for cell in cells]
            cells.append("")
            values: tuple[object, ...] = tuple([cell or None for cell in pick(cells)])
            if tags_at is not None and values[tags_at]:
                values = self._with_tags(values, tags_at)
            yield Row(line, raw, values, given, None if values else _BAD_TAGS)

    def _with_tags(self, values: tuple[object, ...], at: int) -> tuple[object, ...]:
        """The same, its cell of tags taken apart; empty where that cannot be."""
        cell = str(values[at])
        known = self._tags.get(cell)
        if known is None:
            try:
                known = tuple(csv_cells.split_tags(cell))
            except InvalidField:
                return ()
            if len(self._tags) >= _MEMO_MOST:
                self._tags.clear()
            self._tags[cell] = known
        return (*values[:at], known, *values[at + 1 :])


def _first_line(source: Source) -> str:
    if source.ends_lines_by_cr:
        raise UnreadableFile(f"{source.name}, line 1: the lines end in CR alone: save the file with LF or CRLF")
    text = next(source, "")
    if not text.strip():
        raise UnreadableFile(
            f"{source.name}: the file is empty" if not text else f"{source.name}, line 1: is empty"
        )
    return text


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []
