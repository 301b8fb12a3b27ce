"""Sign-in without the cost: passwords in a quick hash, a throttle that counts when told to."""

import hashlib
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from gateway.domain.sign_in import TooManySignInsError


class QuickPasswords:
    """See `PasswordHasher`; for tests only, it protects nothing."""

    def __init__(self) -> None:
        self.comparisons = 0
        self.is_full = False
        self.turns = 0
        """How many have one now."""

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["QuickPasswords"]:
        """Refuse while a test says that too many wait."""
        if self.is_full:
            raise TooManySignInsError("Wait 7 s, then try again.", retry_after=7)
        self.turns += 1
        try:
            yield self
        finally:
            self.turns -= 1

    async def hash(self, password: str) -> str:
        """Return a quick hash."""
        return hashlib.sha256(password.encode()).hexdigest()

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare, and count that it was compared."""
        self.comparisons += 1
        return stored is not None and stored == await self.hash(password)

    async def renewed(self, password: str, stored: str) -> str | None:
        """Say that every hash is by today's parameters."""
        return None


class LengthJudge:
    """See `PasswordJudge`; takes everything but what tests call common."""

    async def guesses_log10(self, password: str, words: Collection[str]) -> float:
        """Return few guesses for a password with «common» in it."""
        return 1.0 if "common" in password else 12.0


class CountingThrottle:
    """See `SignInThrottle`; refuses behind `limit` attempts of one account."""

    def __init__(self, limit: int = 1_000) -> None:
        self.limit = limit
        self._attempts: dict[tuple[str, str], int] = {}

    async def admit(self, account: str, address: str) -> None:
        """Count an attempt."""
        attempts = self._attempts.get((account, address), 0) + 1
        self._attempts[account, address] = attempts
        if attempts > self.limit:
            raise TooManySignInsError("Wait a minute, then try again.", retry_after=60)

    async def forgive(self, account: str, address: str) -> None:
        """Forget the attempts of an account."""
        self._attempts.pop((account, address), None)
