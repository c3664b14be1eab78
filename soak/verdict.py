"""What has to hold at the end, each as a line: what it is, what was found, and whether that is well."""

import statistics
from collections.abc import Iterator, Sequence

from sqlalchemy import text

from soak.client import Client
from soak.faults import RECOVERY_SECONDS, Fault
from soak.house import House
from tests.servers import wait_until

Line = tuple[str, str, bool]
# Between the second quarter of the time, when everything was used once, and the last.
_GROWTH_MOST = 1.15
_DRAIN_SECONDS = 120
_COUNTS = text(
    "SELECT (SELECT count(*) FROM customer WHERE business_id = CAST(:business AS uuid)),"
    " (SELECT count(*) FROM customer_note JOIN customer ON customer.id = customer_id"
    " WHERE business_id = CAST(:business AS uuid)),"
    " (SELECT coalesce(sum(total_orders), 0) FROM customer WHERE business_id = CAST(:business AS uuid))"
)


def of_replies(clients: Sequence[Client]) -> Iterator[Line]:
    wrong = [each for client in clients for each in client.log.wrong]
    example = f", such as: {wrong[0]}" if wrong else ""
    yield "wrong replies", f"{len(wrong)}{example}", not wrong


def of_faults(faults: Sequence[Fault], clients: Sequence[Client], end: float) -> Iterator[Line]:
    moments = [moment for client in clients for moment in client.log.refused]
    borders = [*(fault.began for fault in faults[1:]), end]
    for fault, until in zip(faults, borders, strict=True):
        recovery = fault.recovery(moments, until)
        found = f"{fault.refused(moments, until)} refused, the last {recovery:.1f} s after its end"
        yield fault.name, found, recovery <= RECOVERY_SECONDS
    calm = [moment for moment in moments if not faults or moment < faults[0].began]
    yield "refused before the first fault", str(len(calm)), not calm


def of_memory(samples: Sequence[dict[str, float]]) -> Iterator[Line]:
    quarter = len(samples) // 4
    for name in samples[-1]:
        early, late = (
            statistics.median(each[name] for each in part if name in each)
            for part in (samples[quarter : 2 * quarter], samples[-quarter:])
        )
        growth = late / early
        yield f"memory of {name}", f"{early:.0f} MiB, then {late:.0f} MiB", growth <= _GROWTH_MOST


def of_counts(house: House, clients: Sequence[Client]) -> Iterator[Line]:
    expected = found = (0, 0, 0)
    for client in clients:
        known = client.known
        own = (len(known), sum(each.notes for each in known), sum(each.orders for each in known))
        there = house.database.read(_COUNTS, {"business": client.business})[0]
        expected = tuple(a + b for a, b in zip(expected, own, strict=True))
        found = tuple(int(a + b) for a, b in zip(found, there, strict=True))
    yield "customers, notes and orders", f"{found} of {expected}", found == expected
    told = house.command("stats", "verify")
    drifted = " ".join((told.stdout or told.stderr).strip().splitlines()[-1].split())
    yield "statistics and a recount", drifted, told.returncode == 0


def of_events(house: House) -> Iterator[Line]:
    try:
        wait_until(lambda: house.oracle.waiting == 0, _DRAIN_SECONDS, "all events to be published")
        house.oracle.check()
    except (AssertionError, TimeoutError) as error:
        yield "events committed and consumed", str(error).splitlines()[0], False
    else:
        yield "events committed and consumed", f"{len(house.inbox.arrivals)} arrived, all in order", True
