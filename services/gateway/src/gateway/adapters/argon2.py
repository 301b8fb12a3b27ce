"""Argon2id in processes behind everybody else; what would have to wait too long is refused."""

import asyncio
import itertools
import math
import os
import sys
import time
from typing import Final

from gateway.adapters.password_process import PasswordProcess
from gateway.adapters.password_program import HASHES
from gateway.domain.sign_in import TooManySignInsError

AT_ONCE: Final = 2
"""On as many cores at most; one core is always left to others where there are two."""

MAX_WAITING: Final = 16
LATE_S: Final = 1.0
"""So long a hash may take behind everybody else; on a machine that is never idle it would take for ever."""

SPREAD_S: Final = 8
MAX_WAIT_S: Final = 30
USUAL_S: Final = 0.3


class Argon2Passwords:
    """PasswordHasher with 64 MiB a hash, so memory and CPU of sign-in are bounded by its processes.

    Threads would not do: one that steps back keeps the interpreter and the memory map from everybody else
    until it gets to run again.
    """

    def __init__(self, *, max_waiting: int = MAX_WAITING, late_s: float = LATE_S) -> None:
        self._at_once = count = min(AT_ONCE, max(_cores() - 1, 1))
        self._calm = [PasswordProcess(is_behind=True) for _ in range(count)]
        self._hurried = PasswordProcess(is_behind=False)
        self._turn, self._hurry = asyncio.Semaphore(count), asyncio.Lock()
        self._places = self._free = count + max_waiting
        self._late_s = late_s
        self._usual_s = USUAL_S
        self._spread = itertools.cycle(range(SPREAD_S))
        self._working: set[asyncio.Task[str]] = set()
        # Compared when an account is unknown, so that it takes as long as one that exists.
        self._nobody: str | None = None

    def check_room(self) -> None:
        """Raise TooManySignInsError when too many wait."""
        if self._free == 0:
            turns = self._places / self._at_once
            # Not all at the same time again, or most of them would be refused again.
            wait = min(math.ceil(turns * self._usual_s) + next(self._spread), MAX_WAIT_S)
            raise TooManySignInsError(
                f"Many people are signing in right now. Wait {wait} s, then try again.", retry_after=wait
            )

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._run(password, None)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a stored hash; None takes the same time and is False."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody signs in with this")
        answer = await self._run(password, stored or self._nobody)
        return stored is not None and answer == stored

    async def renewed(self, password: str, stored: str) -> str | None:
        """Return a hash by today's parameters if the stored one is by older ones."""
        return await self.hash(password) if HASHES.current_hasher.check_needs_rehash(stored) else None

    async def close(self) -> None:
        """End the processes; what is under way is not answered."""
        for work in [*self._working]:
            work.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        await asyncio.gather(*(process.end() for process in (*self._calm, self._hurried)))

    async def _run(self, password: str, stored: str | None) -> str:
        self.check_room()
        self._free -= 1
        work = asyncio.create_task(self._worked(password, stored))
        self._working.add(work)
        work.add_done_callback(self._done)
        # Who gives up leaves a process that is in the middle of it: nobody else may talk to it then.
        return await asyncio.shield(work)

    def _done(self, work: asyncio.Task[str]) -> None:
        self._free += 1
        self._working.discard(work)
        if not work.cancelled():
            work.exception()  # told to whoever waits; nobody does if they have given up

    async def _worked(self, password: str, stored: str | None) -> str:
        async with self._turn:
            process = self._calm.pop()
            began = time.monotonic()
            try:
                async with asyncio.timeout(self._late_s):
                    return await process.ask(password, stored)
            except TimeoutError:
                await process.end()
            finally:
                self._calm.append(process)
                self._usual_s += (time.monotonic() - began - self._usual_s) / 8
        async with self._hurry:
            return await self._hurried.ask(password, stored)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
