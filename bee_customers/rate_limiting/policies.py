"""What is limited: the policies of the settings, and the forms in which they are counted."""

import dataclasses
import math

from limits import RateLimitItemPerSecond

from bee_customers.setting_values import Rate

CUSTOMER_PATCH = "customer-patch"
API = "api"
AUTH_FAILURE = "auth-failure"

# Pushing on is remembered for so long, and nobody waits longer for it.
PUSHES_SECONDS = 900
HOLD_MOST_MS = PUSHES_SECONDS * 1000


@dataclasses.dataclass(frozen=True, eq=False)
class Policy:
    """So many requests in a window, for each subject (a caller, a caller's customer, or an address).

    `pushes_most`: what pushing on may cost, which is all the requests that the rate allows while it is remembered.
    """

    name: str
    limit: int
    seconds: int
    pushes_most: int
    item: RateLimitItemPerSecond


def policy(name: str, rate: Rate | None) -> Policy | None:
    """None for a rate that is off."""
    if rate is None:
        return None
    item = RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=name)
    pushes_most = math.ceil(PUSHES_SECONDS * rate.amount / rate.seconds)
    return Policy(name, rate.amount, rate.seconds, pushes_most, item)
