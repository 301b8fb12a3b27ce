"""What stands before an endpoint in one process: so many calls at once or a minute, none while it is down."""

import asyncio
import math
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from flowloom_modelkit.errors import ModelRateLimitError, ModelTimeoutError, ModelUnavailableError
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock

FAILURES_IN_A_ROW: Final = 5
CLOSED_S: Final = 30.0
MINUTE_S: Final = 60.0


class EndpointGuard:
    """One per endpoint; it refuses in the words of an endpoint, so that its refusals are waited out alike."""

    def __init__(self, *, at_once: int | None, per_minute: int | None, clock: Clock) -> None:
        self._places = asyncio.Semaphore(at_once) if at_once is not None else None
        self._per_minute = per_minute
        self._clock = clock
        self._begun: deque[float] = deque()
        self._failures = 0
        self._closed_until = 0.0
        self._is_trying = False

    @asynccontextmanager
    async def place(self, stop: StopSignal) -> AsyncIterator[None]:
        """Let a call be made inside; raises `ModelUnavailableError` and `ModelRateLimitError`.

        After some failures in a row an endpoint is left alone; then one call tries it, others are refused.
        """
        if self._places is None:
            async with self._counted():
                yield
            return
        with stop.interrupting():
            await self._places.acquire()
        try:
            async with self._counted():
                yield
        finally:
            self._places.release()

    @asynccontextmanager
    async def _counted(self) -> AsyncIterator[None]:
        is_trial = self._admit()
        self._count()
        self._is_trying = self._is_trying or is_trial
        try:
            yield
        except (ModelUnavailableError, ModelTimeoutError):
            self._failures += 1
            self._closed_until = self._clock.monotonic() + CLOSED_S
            raise
        else:
            self._failures = 0
        finally:
            if is_trial:
                self._is_trying = False

    def _admit(self) -> bool:
        """Return whether this call is the one that tries an endpoint that was left alone."""
        if self._failures < FAILURES_IN_A_ROW:
            return False
        left = self._closed_until - self._clock.monotonic()
        if left > 0 or self._is_trying:
            raise ModelUnavailableError(
                f"it failed {self._failures} times in a row and is left alone for a while",
                retry_after=max(math.ceil(left), 1),
            )
        return True

    def _count(self) -> None:
        if self._per_minute is None:
            return
        now = self._clock.monotonic()
        while self._begun and self._begun[0] <= now - MINUTE_S:
            self._begun.popleft()
        if len(self._begun) >= self._per_minute:
            raise ModelRateLimitError(
                f"the workspace lets a process call it {self._per_minute} times a minute",
                retry_after=math.ceil(self._begun[0] + MINUTE_S - now),
            )
        self._begun.append(now)
