"""What is committed and not yet done outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.records import OutboxItem


@dataclass(frozen=True)
class Waiting:
    """Outbox rows of one run, in order."""

    run_id: str
    items: tuple[OutboxItem, ...]


@dataclass(frozen=True)
class StreamState:
    """A live run's stream."""

    run_id: str
    epoch: int


class OutboxStore(Protocol):
    """What is committed and not yet done outside."""

    async def waiting(
        self, *, older_than: datetime, limit: int, but: Collection[int] = ()
    ) -> Sequence[Waiting]:
        """Return the runs with rows older than a moment, with all their rows but those with these ids."""

    async def forget(self, ids: Sequence[int]) -> None:
        """Remove rows that are done."""

    async def milestones(self, run_id: str, *, after: int = 0) -> Sequence[Milestone]:
        """Return a run's committed events after a number, in order."""

    async def renew_epoch(self, run_id: str, epoch: int) -> int:
        """Give a run's stream the next epoch, unless it is beyond `epoch` already; return the present one."""

    async def epoch(self, run_id: str) -> int:
        """Return the epoch of a run's stream."""

    async def moving(self) -> Sequence[str]:
        """Return the ids of the runs in which something happens now."""

    async def alive(self) -> Sequence[StreamState]:
        """Return every run that has not ended, or has ended and is not archived."""
