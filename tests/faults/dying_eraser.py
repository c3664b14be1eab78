"""An erasure in a process of its own that kills itself at a given point."""

import multiprocessing
from pathlib import Path
from typing import Any

from bee_customers.db.engine import Database
from bee_customers.events.fallback import RedisFallback
from bee_customers.services.privacy import erasure_steps
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.services.privacy.stores import AvatarStore, FallbackStore
from bee_customers.storage.local import LocalStorage
from tests.faults.deadly import die
from tests.unit.services.privacy.erasing import Eraser

STEPS = ("begin", "remove_rows", "forget_names", "wait_for_relay", "clear_stores", "finish")
# Within steps: a transaction that is not committed, and places that know none.
WITHIN = ("rows uncommitted", "noted", "avatar files gone", "fallback queue gone", "finish uncommitted")
POINTS = (*(f"before {step}" for step in STEPS), *(f"after {step}" for step in STEPS), *WITHIN)


class DyingSteps(ErasureSteps):
    point = ""

    def _noted(self, *arguments: Any) -> Any:
        noted = super()._noted(*arguments)
        _die_at("noted")
        return noted


def _dying(step: str) -> Any:
    def run(self: DyingSteps, *arguments: Any) -> Any:
        _die_at(f"before {step}")
        result = getattr(ErasureSteps, step)(self, *arguments)
        _die_at(f"after {step}")
        return result

    return run


for name in STEPS:
    setattr(DyingSteps, name, _dying(name))


def _die_at(point: str) -> None:
    if DyingSteps.point == point:
        die()


def run(point: str, database: str, storage: Path, fallback: str, stream: str) -> None:
    """What `gdpr run` does, as far as it comes."""
    DyingSteps.point = point
    _break_into(erasure_steps.erasure_rows, "remove_traces", "rows uncommitted")
    _break_into(erasure_steps.erasure_ledger, "complete", "finish uncommitted")
    for store in (AvatarStore, FallbackStore):
        _break_into(store, "erase", f"{store.name} gone")
    eraser = Eraser(Database(database), LocalStorage(storage), RedisFallback(fallback, stream=stream))
    eraser.steps_class = DyingSteps
    eraser.run()


def _break_into(owner: Any, name: str, point: str) -> None:
    real = getattr(owner, name)

    def followed_by_death(*arguments: Any) -> Any:
        result = real(*arguments)
        _die_at(point)
        return result

    setattr(owner, name, followed_by_death)


def kill_at(point: str, *parts: Any) -> int | None:
    """Run until that point, and return how it ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=run, args=(point, *parts))
    process.start()
    process.join(30)
    return process.exitcode
