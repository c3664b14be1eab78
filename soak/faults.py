"""What is broken, one after the other, and how long refusals go on after each is whole again."""

import dataclasses
import time
from collections.abc import Callable, Sequence

from soak.house import House

# How long a killed server is away.
_AWAY_SECONDS = 3.0
RECOVERY_SECONDS = 10.0


@dataclasses.dataclass
class Fault:
    name: str
    began: float
    ended: float

    def refused(self, moments: Sequence[float], until: float) -> int:
        return sum(self.began <= moment < until for moment in moments)

    def recovery(self, moments: Sequence[float], until: float) -> float:
        """Seconds from its end to the last refusal before the next fault."""
        after = [moment - self.ended for moment in moments if self.ended <= moment < until]
        return max(after, default=0.0)


def restart_postgres(house: House) -> None:
    house.postgres.kill()
    house.postgres.restart()


def kill_redis(house: House) -> None:
    house.redis.kill()
    time.sleep(_AWAY_SECONDS)
    house.redis.restart()


def kill_broker(house: House) -> None:
    house.rabbit.kill()
    time.sleep(_AWAY_SECONDS)
    house.rabbit.restart()


ALL: dict[str, Callable[[House], None]] = {
    "PostgreSQL killed and restarted": restart_postgres,
    "Redis killed": kill_redis,
    "broker killed": kill_broker,
}


def happen(name: str, house: House) -> Fault:
    began = time.monotonic()
    ALL[name](house)
    return Fault(name, began, time.monotonic())
