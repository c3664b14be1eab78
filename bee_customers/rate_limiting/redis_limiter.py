"""Counts in Redis, for all processes together, by the sliding windows of the library `limits`.

Its two scripts and our rule for those who push on are one script here, so that a request costs one round trip,
however many policies it falls under. All times are Redis' own, as what is left of a key's life.
"""

import functools
import hashlib
from collections.abc import Sequence
from importlib import resources

import redis
from limits.storage import RedisStorage

from bee_customers.errors import CountersUnavailable
from bee_customers.rate_limiting.limiter import Charge, Standing
from bee_customers.rate_limiting.policies import PUSHES_SECONDS, Policy
from bee_customers.rate_limiting.redis_connections import RedisConnections, packed, words

# The library's strategies would share keys otherwise.
PREFIX = "bee:limits:sliding_window"
_NUMBERS = 4


def _script() -> str:
    library = {
        "acquire": RedisStorage.SCRIPT_ACQUIRE_SLIDING_WINDOW,
        "window": RedisStorage.SCRIPT_SLIDING_WINDOW,
    }
    functions = [
        f"local function {name}(KEYS, ARGV)\n{source.decode()}\nend\n" for name, source in library.items()
    ]
    own = resources.files(__package__).joinpath("decide.lua").read_text(encoding="utf-8")
    return "".join(functions) + own


@functools.lru_cache(64)
def _around_subject(policy: Policy) -> tuple[str, str]:
    """The key of a subject's counter, before and after its name."""
    before, _, after = policy.item.key_for("\0").partition("\0")
    return f"{PREFIX}:{{{before}", f"{after}}}"


@functools.lru_cache(64)
def _rate(policy: Policy, cost: int) -> bytes:
    return words(policy.limit, policy.seconds, policy.pushes_most, cost)


def _key(charge: Charge) -> str:
    before, after = _around_subject(charge.policy)
    return before + charge.subject + after


class RedisLimiter:
    """Safe for threads, and as quick to fail as its connections."""

    def __init__(self, url: str) -> None:
        self._connections = RedisConnections(url)
        script = _script()
        self._script = words("EVAL", script)
        self._sha = words("EVALSHA", hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest())

    def decide(self, charges: Sequence[Charge]) -> list[Standing]:
        keys = words(len(charges), *map(_key, charges), PUSHES_SECONDS)
        rates = [_rate(charge.policy, charge.cost) for charge in charges]
        try:
            reply = self._run(4 + 5 * len(charges), keys, *rates)
        except (redis.RedisError, OSError) as error:
            # not its own words: they may quote the command
            raise CountersUnavailable(type(error).__name__) from None
        numbers = [int(number) for number in reply.split()]
        return [
            Standing(charge.policy, bool(numbers[at]), *numbers[at + 1 : at + _NUMBERS])
            for at, charge in zip(range(0, len(numbers), _NUMBERS), charges, strict=True)
        ]

    def _run(self, count: int, *arguments: bytes) -> bytes:
        try:
            reply: bytes = self._connections.ask(packed(count, self._sha, *arguments))
        except redis.exceptions.NoScriptError:  # a new Redis, or one that was flushed
            reply = self._connections.ask(packed(count, self._script, *arguments))
        return reply

    def close(self) -> None:
        self._connections.close()
