"""Refuses new runs where they could not be kept or would only pile up; running work goes on."""

import asyncio
import math
from datetime import datetime
from typing import Final, Literal, Protocol

import structlog

from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import StorageFullError, UpstreamError
from orchestrator.domain.admission import TooManyQueuedError, without_start
from orchestrator.domain.records import Committed, RunRecord, StoredChange
from orchestrator.ports.admission import AdmissionStore
from orchestrator.ports.runs import NewRun, RunStore

log = structlog.get_logger(__name__)

FULL: Final = 0.8
"""Share of the memory of Redis above which no new run is taken: the rest is for those that are running."""
PROBE_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 0.5
RETRY_AFTER_SECONDS: Final = 10
MAX_WORKSPACES: Final = 1_000


class MemoryProbe(Protocol):
    """Says how full the store of live streams is."""

    async def used(self) -> float:
        """Return the share of its memory that is used, 0 where it has no limit; raises `UpstreamError`."""


class StartLimits:
    """Asked before a run is stored. What it knows is at most a second old, so it costs nearly nothing."""

    def __init__(
        self, *, memory: MemoryProbe, admission: AdmissionStore, clock: Clock, max_queued: int
    ) -> None:
        self._memory = memory
        self._admission = admission
        self._clock = clock
        self._max_queued = max_queued
        self._used, self._used_at = 0.0, -math.inf
        self._asking: asyncio.Task[None] | None = None
        self._counts: dict[str, tuple[int, float]] = {}

    async def check(self, workspace_id: str) -> None:
        """Raise `StorageFullError` or `TooManyQueuedError` when no run may be started now."""
        if await self._memory_used() > FULL:
            raise StorageFullError(
                f"The store of live streams is {self._used:.0%} full: no run is taken, running ones go on."
            )
        if await self._queued(workspace_id) >= self._max_queued:
            raise TooManyQueuedError(
                f"{self._max_queued} runs of this workspace wait already."
                " Start more when some of them have begun.",
                retry_after=RETRY_AFTER_SECONDS,
            )

    def started(self, workspace_id: str, *, is_queued: bool) -> None:
        """Count a run that was stored; a workspace is only looked at while runs of it wait."""
        known = self._counts.get(workspace_id)
        if is_queued:
            if known is None and len(self._counts) >= MAX_WORKSPACES:
                self._counts.pop(next(iter(self._counts)))
            self._counts[workspace_id] = (1, -math.inf) if known is None else (known[0] + 1, known[1])
        elif known is not None:
            del self._counts[workspace_id]

    async def _queued(self, workspace_id: str) -> int:
        known = self._counts.get(workspace_id)
        if known is None:
            return 0
        now = self._clock.monotonic()
        if now - known[1] < PROBE_SECONDS:
            return known[0]
        # Whoever comes meanwhile takes the old number.
        self._counts[workspace_id] = (known[0], now)
        found = await self._admission.queued(workspace_id, limit=self._max_queued)
        self._counts[workspace_id] = (found, now)
        return found

    async def _memory_used(self) -> float:
        now = self._clock.monotonic()
        if now - self._used_at >= PROBE_SECONDS and self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        if self._asking is not None and now - self._used_at >= 5 * PROBE_SECONDS:
            await asyncio.wait({self._asking}, timeout=PATIENCE_SECONDS)
        return self._used

    async def _ask(self) -> None:
        try:
            self._used = await self._memory.used()
        except UpstreamError as error:
            # Postgres keeps what is accepted; the streams follow when Redis is back.
            self._used = 0.0
            log.warning("the memory of live streams is not known", error=repr(error))
        finally:
            self._used_at, self._asking = self._clock.monotonic(), None

    async def stop(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


class LimitedRunStore:
    """A `RunStore` that asks the limits before it takes a new run; one that it has already is answered."""

    def __init__(self, runs: RunStore, limits: StartLimits) -> None:
        self._runs = runs
        self._limits = limits

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`; raises `StorageFullError` and `TooManyQueuedError` as well.

        A run that another one waits for is part of running work and therefore always taken.
        """
        if new.is_waited_for:
            return await self._runs.create(new)
        try:
            await self._limits.check(new.workspace_id)
        except (StorageFullError, TooManyQueuedError):
            known = await self._runs.known(new)
            if known is None:
                raise
            return known
        stored = await self._runs.create(new)
        if not isinstance(stored, str):
            self._limits.started(new.workspace_id, is_queued=without_start(stored.outbox) == stored.outbox)
        return stored

    async def known(self, new: NewRun) -> str | None:
        """See `RunStore.known`."""
        return await self._runs.known(new)

    async def load(self, run_id: str) -> RunRecord | None:
        """See `RunStore.load`."""
        return await self._runs.load(run_id)

    async def commit(self, change: StoredChange) -> Committed | None:
        """See `RunStore.commit`."""
        return await self._runs.commit(change)

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        return await self._runs.renew_lease(run_id, step, exec=exec, until=until)
