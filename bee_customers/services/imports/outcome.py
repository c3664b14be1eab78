"""What became of a batch's rows."""

import collections
import dataclasses

from bee_customers.services.imports.row import RowFault

Counts = collections.Counter[str]


@dataclasses.dataclass
class Outcome:
    """`refused` are rows that the data there forbids, by their place in the batch; `later` are to come again."""

    counts: Counts = dataclasses.field(default_factory=collections.Counter)
    refused: list[tuple[int, RowFault]] = dataclasses.field(default_factory=list)
    later: list[int] = dataclasses.field(default_factory=list)
