"""Sheets that people open: CSV in which no cell is a formula."""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from bee_customers.services.csv_cells import guard

# Some programs take full-width signs for the plain ones, or look behind blanks. Nobody reads these sheets back in,
# so they may be stricter than what an import has to undo.
_FORMULA_TO_SOME = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
# Without it Excel reads UTF-8 as something else.
_MARK = "\ufeff"
_PIECE_CHARACTERS = 65_536


def neutral(cell: str) -> str:
    """With an apostrophe in front where a spreadsheet might see a formula, else as it is."""
    return f"'{cell}" if _FORMULA_TO_SOME.match(cell) else guard(cell)


def pieces(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A whole file in UTF-8, every cell quoted; None is an empty cell, a time is in UTC."""
    buffer = io.StringIO()
    buffer.write(_MARK)
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for row in rows:
        writer.writerow([neutral(_text(cell)) for cell in row])
        if buffer.tell() > _PIECE_CHARACTERS:
            yield _taken(buffer)
    yield _taken(buffer)


def _text(cell: object) -> str:
    if isinstance(cell, datetime.datetime):
        return cell.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    return "" if cell is None else str(cell)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
