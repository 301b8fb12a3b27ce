"""Limits on attempts to sign in, counted in this process."""

import hashlib
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gateway.domain.sign_in import TooManySignInsError

PER_ACCOUNT_AND_ADDRESS: Final = RateLimitItemPerMinute(10, 5)
PER_ACCOUNT: Final = RateLimitItemPerHour(100)
PER_ADDRESS: Final = RateLimitItemPerMinute(300, 5)
RETRY_AFTER_SECONDS: Final = 60


class LimitsSignInThrottle:
    """SignInThrottle; a success forgives the account, not the address, so nobody can wash a scan clean."""

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)

    async def admit(self, account: str, address: str) -> None:
        """Count an attempt; raise TooManySignInsError above the limits."""
        limits: list[tuple[RateLimitItem, tuple[str, ...]]] = [
            (PER_ADDRESS, (address,)),
            *_of_account(account, address),
        ]
        for limit, names in limits:
            if not await self._limiter.hit(limit, *names):
                raise TooManySignInsError("Wait a minute, then try again.", retry_after=RETRY_AFTER_SECONDS)

    async def forgive(self, account: str, address: str) -> None:
        """Forget the attempts of an account."""
        for limit, names in _of_account(account, address):
            await self._limiter.clear(limit, *names)


def _of_account(account: str, address: str) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    # The digest bounds what a guesser can make us remember, whatever is sent as an address.
    name = hashlib.sha256(account.encode(errors="replace")).hexdigest()
    return [(PER_ACCOUNT_AND_ADDRESS, ("pair", name, address)), (PER_ACCOUNT, ("account", name))]
