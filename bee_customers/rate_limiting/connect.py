"""From the settings to the limits and their parts."""

from bee_customers.rate_limiting.limiter import Limiter
from bee_customers.rate_limiting.local_limiter import LocalLimiter
from bee_customers.rate_limiting.metrics import LimitMetrics
from bee_customers.rate_limiting.outage import Outage
from bee_customers.rate_limiting.policies import API, AUTH_FAILURE, CUSTOMER_PATCH, policy
from bee_customers.rate_limiting.rate_limits import Policies, RateLimits
from bee_customers.rate_limiting.redis_limiter import RedisLimiter
from bee_customers.rate_limiting.steady_limiter import SteadyLimiter
from bee_customers.rate_limiting.subjects import SubjectNames
from bee_customers.settings import Settings


def connect(settings: Settings, key: bytes, metrics: LimitMetrics) -> RateLimits:
    """Connects at the first request. `key` must be the same for all processes that count together."""
    policies = Policies(
        api=policy(API, settings.api_rate),
        customer_patch=policy(CUSTOMER_PATCH, settings.customer_patch_rate),
        auth_failure=policy(AUTH_FAILURE, settings.auth_failure_rate),
    )
    limiter: Limiter = LocalLimiter()
    if settings.redis_url and any(policies):
        limiter = SteadyLimiter(RedisLimiter(settings.redis_url), limiter, metrics, Outage())
    return RateLimits(policies, limiter, SubjectNames(key), metrics)
