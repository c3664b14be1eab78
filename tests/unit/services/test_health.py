"""What waits for parts that do not answer."""

import threading
from types import SimpleNamespace

from bee_customers.services.health import DOWN, OK, Part


def test_a_part_that_does_not_answer_in_time_is_down_and_suspected_of_silence() -> None:
    suspected: list[bool] = []
    database, release = SimpleNamespace(suspect=lambda: suspected.append(True)), threading.Event()

    def ask(_: object) -> str:
        release.wait()
        return OK

    part = Part(ask, database)  # type: ignore[arg-type]
    part.ask()
    first = part.state(0)
    release.set()
    assert (first, part.state(10)) == (DOWN, OK)
    assert suspected == [True]
