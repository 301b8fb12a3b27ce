"""Runs the relays in the one gateway that leads, woken by commits and by the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from gateway.version_ports import DeliveryStore, EventStore, Leadership

log = structlog.get_logger(__name__)

POLL_SECONDS: Final = 1.0
TIDY_SECONDS: Final = 3_600.0
KEEP_STARTED: Final = timedelta(days=30)
KEEP_DEAD: Final = timedelta(days=90)
KEEP_KEYS: Final = timedelta(hours=25)


class Relays:
    """One loop for each kind of work; a failure of one turn does not end its loop."""

    def __init__(self, *, leadership: Leadership) -> None:
        self._leadership = leadership
        self._woken: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """Look now: something was committed here."""
        for woken in self._woken:
            woken.set()

    def start(self, *work: Callable[[], Awaitable[int]]) -> None:
        """Begin to carry out work in loops of their own."""
        self._woken = [asyncio.Event() for _ in work]
        self._tasks = [
            asyncio.create_task(self._repeat(one, woken))
            for one, woken in zip(work, self._woken, strict=True)
        ]

    async def stop(self) -> None:
        """End; what was not settled is found again by whoever leads next."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, work: Callable[[], Awaitable[int]], woken: asyncio.Event) -> None:
        while True:
            woken.clear()
            # Gathered, so that whatever goes wrong is told and tried again.
            (done,) = await asyncio.gather(self._turn(work), return_exceptions=True)
            if isinstance(done, UpstreamError):
                log.warning("a relay has to wait", error=repr(done))
            elif isinstance(done, BaseException):
                log.error("a relay could not work", error=repr(done), exc_info=done)
            if done == 0 or isinstance(done, BaseException):
                await _rest(woken)

    async def _turn(self, work: Callable[[], Awaitable[int]]) -> int:
        return await work() if await self._leadership.is_mine() else 0


async def _rest(woken: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await woken.wait()
    except TimeoutError:
        return


class Tidying:
    """Forgets once an hour what nobody needs any more."""

    def __init__(self, *, deliveries: DeliveryStore, events: EventStore, clock: Clock) -> None:
        self._deliveries = deliveries
        self._events = events
        self._clock = clock
        self._next_at = 0.0

    async def carry_out(self) -> int:
        """Forget if an hour has passed."""
        if self._clock.monotonic() < self._next_at:
            return 0
        self._next_at = self._clock.monotonic() + TIDY_SECONDS
        now = self._clock.now()
        await self._deliveries.purge(started_before=now - KEEP_STARTED, dead_before=now - KEEP_DEAD)
        await self._events.purge(before=now - KEEP_KEYS)
        return 0
