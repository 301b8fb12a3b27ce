"""Argon2id in processes behind everybody else; what would have to wait too long is refused."""

import asyncio
import itertools
import math
import os
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from secrets import token_bytes
from typing import Any, Final, TypeAlias

from gateway.adapters.password_process import PasswordProcess
from gateway.adapters.password_program import HASHES, MEMORY_KIB, ROUNDS
from gateway.domain.sign_in import TooManySignInsError

AT_ONCE: Final = 2
"""On as many cores at most; one core is always left to others where there are two."""

MAX_WAITING: Final = 16
LATE_S: Final = 1.0
"""So long a hash may take behind everybody else; on a machine that is never idle it would take for ever."""

SPREAD_S: Final = 8
MAX_WAIT_S: Final = 30
USUAL_S: Final = 0.3

Ask: TypeAlias = Callable[[str, str | None], Coroutine[Any, Any, str]]


def _nobodys() -> str:
    """Return a hash that no password belongs to; to compare with it costs what one costs that exists."""
    salt, digest = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p=1${salt}${digest}"


NOBODYS: Final = _nobodys()


class Turn:
    """Hashing with one process, until the turn is over."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.under_way: asyncio.Task[str] | None = None

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await self._answer(password, None)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a stored hash; None takes the same time and is False."""
        answer = await self._answer(password, stored or NOBODYS)
        return stored is not None and answer == stored

    async def renewed(self, password: str, stored: str) -> str | None:
        """Return a hash by today's parameters if the stored one is by older ones."""
        return await self.hash(password) if HASHES.current_hasher.check_needs_rehash(stored) else None

    def when_idle(self, over: Callable[[], None]) -> None:
        """Call back when the process has answered, which may be now."""

        def done(work: asyncio.Task[str]) -> None:
            over()
            if not work.cancelled():
                work.exception()  # told to whoever waits; nobody does if they have given up

        if self.under_way is None or self.under_way.done():
            over()
        else:
            self.under_way.add_done_callback(done)

    async def _answer(self, password: str, stored: str | None) -> str:
        self.under_way = asyncio.create_task(self._ask(password, stored))
        # Who gives up leaves a process that is in the middle of it: nobody else may talk to it then.
        return await asyncio.shield(self.under_way)


class Argon2Passwords:
    """PasswordHasher with 64 MiB a hash, so memory and CPU of sign-in are bounded by its processes.

    Threads would not do: one that steps back keeps the interpreter and the memory map from everybody else
    until it gets to run again.
    """

    def __init__(self, *, max_waiting: int = MAX_WAITING, late_s: float = LATE_S) -> None:
        self._at_once = count = min(AT_ONCE, max(_cores() - 1, 1))
        self._calm = [PasswordProcess(is_behind=True) for _ in range(count)]
        """Those that have nothing to do."""
        self._hurried = PasswordProcess(is_behind=False)
        self._turns, self._hurry = asyncio.Semaphore(count), asyncio.Lock()
        self._places = self._free = count + max_waiting
        self._late_s = late_s
        self._usual_s = USUAL_S
        self._spread = itertools.cycle(range(SPREAD_S))
        self._working: dict[PasswordProcess, Turn] = {}

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for a process; raise TooManySignInsError at once when too many wait."""
        self._check_room()
        self._free -= 1
        try:
            await self._turns.acquire()
        except asyncio.CancelledError:
            self._free += 1
            raise
        process, began = self._calm.pop(), time.monotonic()
        self._working[process] = turn = Turn(partial(self._worked, process))
        try:
            yield turn
        finally:
            turn.when_idle(partial(self._over, process, began))

    async def hash(self, password: str) -> str:
        """Return the hash to store, in a turn of its own."""
        async with self.turn() as turn:
            return await turn.hash(password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a stored hash in a turn of its own; None takes the same time and is False."""
        async with self.turn() as turn:
            return await turn.matches(password, stored)

    async def close(self) -> None:
        """End the processes; what is under way is not answered."""
        processes = [*self._calm, *self._working, self._hurried]
        works = [turn.under_way for turn in self._working.values() if turn.under_way is not None]
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await asyncio.gather(*(process.end() for process in processes))

    def _check_room(self) -> None:
        if self._free == 0:
            turns = self._places / self._at_once
            # Not all at the same time again, or most of them would be refused again.
            wait = min(math.ceil(turns * self._usual_s) + next(self._spread), MAX_WAIT_S)
            raise TooManySignInsError(
                f"Many people are signing in right now. Wait {wait} s, then try again.", retry_after=wait
            )

    def _over(self, process: PasswordProcess, began: float) -> None:
        self._usual_s += (time.monotonic() - began - self._usual_s) / 8
        del self._working[process]
        self._calm.append(process)
        self._free += 1
        self._turns.release()

    async def _worked(self, process: PasswordProcess, password: str, stored: str | None) -> str:
        try:
            async with asyncio.timeout(self._late_s):
                return await process.ask(password, stored)
        except TimeoutError:
            await process.end()
        async with self._hurry:
            return await self._hurried.ask(password, stored)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
