"""Finds what has stopped moving."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Overdue:
    """A step or run that does not move by itself.

    `deadline`: a live worker goes on after its deadline. `lost`: the worker's lease ended and nobody took
    the step. `unclaimed`: handed out, and nobody came. `still`: nothing is in progress, and it stays so.
    """

    run_id: str
    reason: Literal["deadline", "lost", "unclaimed", "still"]
    step: str = ""
    exec: int = 0


@dataclass(frozen=True)
class Orphan:
    """A run that another one started: that one is over, or waits though this one has ended."""

    run_id: str
    workspace_id: str
    has_ended: bool


class ReaperStore(Protocol):
    """Finds what has stopped moving."""

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """Return what is overdue, at most a few hundred; nothing while another process is looking."""

    async def nudge(self, run_id: str) -> int:
        """Count one more wake-up of a run's driver since it last did anything, and return the count."""

    async def tidy(self, now: datetime) -> None:
        """Remove what is out of date and create the partitions ahead."""

    async def orphans(self, now: datetime) -> Sequence[Orphan]:
        """Return runs whose parents do not know of them; nothing while another process is looking."""
