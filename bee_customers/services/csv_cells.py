"""How a value is written into a CSV cell so that a spreadsheet takes it for text, and read back.

Of each pair the second is the inverse of the first: what export writes, import reads.
"""

import re
from collections.abc import Sequence

import orjson

from bee_customers.errors import InvalidField

# What a spreadsheet would take for a formula: https://owasp.org/www-community/attacks/CSV_Injection
FORMULA_SIGNS = "=+-@\t\r"
FORMULA = r"^'*[=+@\t\r-]"
_FORMULA = re.compile(FORMULA)
_GUARDED = re.compile(r"^'+[=+@\t\r-]")
_BETWEEN_TAGS = ";"


def guard(text: str) -> str:
    """The text of a cell that is no formula: with an apostrophe in front where it would be one.

    One that has apostrophes in front already gets another, so that `unguard` knows which are its own.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """The text that `guard` made the cell of; a cell that was never guarded stays as it is."""
    return cell[1:] if _GUARDED.match(cell) else cell


def join_tags(names: Sequence[str]) -> str:
    """Names in one cell, between semicolons; as a JSON array where a name could be mistaken."""
    if any(_BETWEEN_TAGS in name or name.startswith("[") for name in names):
        return orjson.dumps(list(names)).decode()
    return _BETWEEN_TAGS.join(names)


def split_tags(cell: str) -> list[str]:
    """The names in a cell, without the blanks around them; raises InvalidField for a broken JSON array."""
    if not cell.lstrip().startswith("["):
        return [name for part in cell.split(_BETWEEN_TAGS) if (name := part.strip())]
    try:
        names = orjson.loads(cell)
    except orjson.JSONDecodeError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InvalidField("must be names with ; between them, or a JSON array of names")
    return names
