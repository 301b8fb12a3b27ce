"""How many errors of the page one person may report, counted in this process."""

from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

PER_PERSON: Final = RateLimitItemPerMinute(30)


class LimitsReportThrottle:
    """ReportThrottle."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def admit(self, user_id: str) -> bool:
        """Count a report."""
        return await self._limiter.hit(PER_PERSON, user_id)
