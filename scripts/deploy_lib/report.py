"""What was done, how long it took and what came of it, as a table in Markdown."""

import time
from collections.abc import Callable


class Report:
    def __init__(self) -> None:
        self._rows: list[tuple[str, float, str]] = []

    def step(self, name: str, work: Callable[[], object]) -> None:
        """Do it; what it gives back is its result, nothing is "yes"."""
        started = time.monotonic()
        print(f"{name} ...", flush=True)
        result = work()
        self._rows.append((name, time.monotonic() - started, "yes" if result is None else str(result)))

    def table(self) -> str:
        lines = ["| step | seconds | result |", "| --- | --- | --- |"]
        return "\n".join(lines + [f"| {name} | {took:.0f} | {result} |" for name, took, result in self._rows])
