"""Model calls of a workspace wait while it uses more in a minute than it may; their cost is counted after."""

import math
from typing import Final

import structlog

from flowloom_contracts.runs import Usage
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.domain.paces import Pace, wait_seconds
from orchestrator.ports.paces import PaceStore

log = structlog.get_logger(__name__)

LONGEST_RETRY_AFTER: Final = 60


class PaceReachedError(UpstreamError):
    """The workspace has used a minute's worth of models; asked again later, the call is made."""

    title = "The workspace uses models faster than it may"


class CallPaces:
    """Asked before each model call; without a limit it costs nothing."""

    def __init__(self, store: PaceStore, pace: Pace, clock: Clock) -> None:
        self._store = store
        self._pace = pace
        self._clock = clock

    @property
    def is_set(self) -> bool:
        """Whether calls are counted at all."""
        return self._pace.is_set

    async def admit(self, workspace_id: str) -> None:
        """Raise `PaceReachedError` while the workspace has to wait."""
        if not self._pace.is_set:
            return
        wait = wait_seconds(await self._store.full_until(workspace_id), self._clock.now())
        if wait > 0:
            log.info("a model call waits for the pace of its workspace", wait_s=round(wait, 1))
            raise PaceReachedError(
                f"A model call of this workspace has to wait for {math.ceil(wait)} s.",
                retry_after=min(math.ceil(wait), LONGEST_RETRY_AFTER),
            )

    async def used(self, workspace_id: str, usage: Usage) -> None:
        """Count what a call has cost."""
        seconds = self._pace.seconds_of(usage)
        if seconds > 0:
            await self._store.fill(workspace_id, seconds=seconds, now=self._clock.now())
