"""In which order events may be under way at once."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bee_customers.events.envelope import EventRow


def waves(rows: Iterable[EventRow]) -> Iterator[list[EventRow]]:
    """Cut rows into lists in which each customer comes once, its earlier events in earlier lists.

    A customer's next event is sent only when the one before it is confirmed: were both under way, the broker
    could refuse the first and take the second.
    """
    of_customer: dict[uuid.UUID, int] = defaultdict(int)
    found: list[list[EventRow]] = []
    for row in rows:
        number = of_customer[row.customer_id]
        of_customer[row.customer_id] = number + 1
        if number == len(found):
            found.append([])
        found[number].append(row)
    yield from found
