"""Counts in Redis, for all processes together, by the sliding windows of the library `limits`.

Its two scripts and our rule for those who push on are one script here, so that a request costs one round trip,
however many policies it falls under. All times are Redis' own, as what is left of a key's life.
"""

import hashlib
from collections.abc import Sequence
from importlib import resources

import redis
from limits.storage import RedisStorage

from bee_customers.errors import CountersUnavailable
from bee_customers.rate_limiting.limiter import Charge, Standing
from bee_customers.rate_limiting.policies import PUSHES_SECONDS
from bee_customers.rate_limiting.redis_connections import RedisConnections, packed

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


class RedisLimiter:
    """Safe for threads, and as quick to fail as its connections."""

    def __init__(self, url: str) -> None:
        self._connections = RedisConnections(url)
        self._script = _script()
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()

    def decide(self, charges: Sequence[Charge]) -> list[Standing]:
        words: list[str | int] = [len(charges)]
        words += [f"{PREFIX}:{{{charge.policy.item.key_for(charge.subject)}}}" for charge in charges]
        words.append(PUSHES_SECONDS)
        for policy, _, cost in charges:
            words += (policy.limit, policy.seconds, policy.pushes_most, cost)
        try:
            numbers = [int(number) for number in self._run(words).split()]
        except (redis.RedisError, OSError) as error:
            # not its own words: they may quote the command
            raise CountersUnavailable(type(error).__name__) from None
        return [
            Standing(charge.policy, bool(numbers[at]), *numbers[at + 1 : at + _NUMBERS])
            for at, charge in zip(range(0, len(numbers), _NUMBERS), charges, strict=True)
        ]

    def _run(self, words: list[str | int]) -> bytes:
        try:
            reply: bytes = self._connections.ask(packed("EVALSHA", self._sha, *words))
        except redis.exceptions.NoScriptError:  # a new Redis, or one that was flushed
            reply = self._connections.ask(packed("EVAL", self._script, *words))
        return reply

    def close(self) -> None:
        self._connections.close()
