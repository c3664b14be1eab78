"""Limits to look at: policies, and time that passes when a test says so."""

import time
from typing import Any

import redis

from bee_customers.rate_limiting.limiter import Charge, Limiter, Standing
from bee_customers.rate_limiting.local_limiter import LocalLimiter
from bee_customers.rate_limiting.policies import Policy, policy
from bee_customers.rate_limiting.redis_limiter import RedisLimiter
from bee_customers.setting_values import Rate


def per_minute(amount: int, name: str = "honey", seconds: int = 60) -> Policy:
    made = policy(name, Rate(amount, seconds))
    assert made is not None
    return made


class Bench:
    """A limiter whose time can be moved."""

    limiter: Limiter

    def ask(self, *charges: Charge) -> list[Standing]:
        return self.limiter.decide(charges)

    def come(self, policy: Policy, subject: str = "maya", times: int = 1) -> Standing:
        """One request after the other; the standing after the last."""
        return [self.ask(Charge(policy, subject))[0] for _ in range(times)][-1]

    def advance(self, seconds: float) -> None:
        raise NotImplementedError


class InMemory(Bench):
    def __init__(self) -> None:
        self.now = 1000.0
        self.limiter = LocalLimiter(clock=lambda: self.now)

    def advance(self, seconds: float) -> None:
        self.now += seconds


class InRedis(Bench):
    """Time passes for Redis when all its keys have less of it left."""

    def __init__(self, url: str) -> None:
        self.limiter = RedisLimiter(url)
        self.client: Any = redis.Redis.from_url(url, decode_responses=True)
        self.client.flushall()

    def advance(self, seconds: float) -> None:
        for key in self.client.keys("*"):
            left = self.client.pttl(key) - round(seconds * 1000)
            self.client.pexpire(key, left) if left > 0 else self.client.delete(key)

    def close(self) -> None:
        self.client.close()
        self.limiter.close()


def clock_of(start: float | None = None) -> Any:
    """A clock with `.advance(seconds)`."""

    class Clock:
        now = time.monotonic() if start is None else start

        def __call__(self) -> float:
            return self.now

        def advance(self, seconds: float) -> None:
            self.now += seconds

    return Clock()
