"""Argon2id on two threads of its own; what would have to wait too long is refused."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from gateway.domain.sign_in import TooManySignInsError

THREADS: Final = 2
MAX_WAITING: Final = 16
MEMORY_KIB: Final = 64 * 1024
ROUNDS: Final = 3


class Argon2Passwords:
    """PasswordHasher with 64 MiB a hash, so memory and CPU of sign-in are bounded by the two threads."""

    def __init__(self, *, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=1),))
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._free = THREADS + max_waiting
        # Compared when an account is unknown, so that it takes as long as one that exists.
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._run(password, None)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a stored hash; None takes the same time and is False."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody signs in with this")
        answer = await self._run(password, stored or self._nobody)
        return stored is not None and answer == stored

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, password: str, stored: str | None) -> str:
        if self._free == 0:
            raise TooManySignInsError("Many people are signing in right now.", retry_after=2)
        self._free -= 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._work, password, stored)
        finally:
            self._free += 1

    def _work(self, password: str, stored: str | None) -> str:
        """Return a new hash, or the stored one if the password belongs to it, else nothing."""
        if stored is None:
            return self._hasher.hash(password)
        try:
            return stored if self._hasher.verify(password, stored) else ""
        except UnknownHashError:
            return ""
