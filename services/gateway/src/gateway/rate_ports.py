"""How often something may be done: what the edge and the routes ask."""

from typing import Protocol

from gateway.domain.rate_limits import Bucket, Standing


class RateLimits(Protocol):
    """Counts what is done, in all processes together while Redis is there, else in this one."""

    async def spend(self, bucket: Bucket, name: str, *, cost: int = 1) -> Standing:
        """Count something; raise `TooManyRequestsError` with the seconds to wait where it is too much."""
        ...
