"""Which columns a file may have, under which names, and what is taken from elsewhere."""

import dataclasses
from collections.abc import Mapping, Sequence

from bee_customers.errors import WrongColumns, WrongMapping

# What a rejects file has before the row itself; passed over when it is fed in again.
REJECT_COLUMNS = ("reject_line", "reject_field", "reject_reason")
# In place of a row that could not be taken apart.
RAW = "reject_raw"


@dataclasses.dataclass(frozen=True)
class Columns:
    """The fields of one kind of row. `passed_over` are known and not taken: only the service writes them."""

    fields: tuple[str, ...]
    passed_over: frozenset[str]

    def names(self, mapping: Mapping[str, str]) -> "Names":
        """Raises WrongMapping for a mapping to a field that there is not, and for a column that has two."""
        plain: dict[str, str] = {}
        for column, field in mapping.items():
            if field and field not in self.fields:
                known = ", ".join(self.fields)
                raise WrongMapping(f"{column}={field}: there is no such field; there are {known}")
            if plain.setdefault(_plain(column), field) != field:
                raise WrongMapping(f"{column}={field}: the column has another meaning too")
        return Names(self, plain)


@dataclasses.dataclass(frozen=True)
class Names:
    """What a file's own names mean."""

    columns: Columns
    mapping: Mapping[str, str]

    def field_of(self, name: str) -> str | None:
        """The field that a column holds; None for one that is passed over. Raises KeyError for an unknown one."""
        plain = _plain(name)
        if plain in self.mapping:
            return self.mapping[plain] or None
        if plain in self.columns.passed_over or plain in REJECT_COLUMNS:
            return None
        if plain not in self.columns.fields:
            raise KeyError(name)
        return plain

    def count_known(self, header: Sequence[str]) -> int:
        return sum(self._is_known(name) for name in header)

    def positions(self, header: Sequence[str], file_name: str) -> dict[str, int]:
        """Where each field stands; raises WrongColumns for unknown, doubled or nameless columns.

        Of those WrongMapping where columns of the mapping are missing.
        """
        positions: dict[str, int] = {}
        unknown = [name for name in header if not self._is_known(name)]
        if unknown:
            raise WrongColumns(
                f"{file_name}, line 1: {_listed(unknown)} not known; known are {', '.join(self.columns.fields)}. "
                "--map COLUMN=FIELD gives a column its meaning, --map COLUMN= passes it over"
            )
        for index, name in enumerate(header):
            field = self.field_of(name)
            if field in positions:
                raise WrongColumns(f"{file_name}, line 1: the column {field} is there twice")
            if field:
                positions[field] = index
        missing = [column for column in self.mapping if column not in map(_plain, header)]
        if missing:
            raise WrongMapping(f"--map: {_listed(missing)} not in line 1 of {file_name}")
        return positions

    def _is_known(self, name: str) -> bool:
        try:
            self.field_of(name)
        except KeyError:
            return False
        return True


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().split())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:5]) + (" ..." if len(names) > 5 else "")
    return f"the column {shown} is" if len(names) == 1 else f"the columns {shown} are"
