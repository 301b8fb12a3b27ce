"""Schedules of published workflows, and what their due times start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.automation import FireTrigger, Schedule, ScheduleSpec, TriggerFired
from flowloom_contracts.runs import WorkflowRef


@dataclass(frozen=True)
class StoredSchedule:
    """A schedule with its workspace; `next_at` is None while it is paused."""

    workspace_id: str
    schedule: Schedule

    @property
    def id(self) -> str:
        """The schedule's id."""
        return self.schedule.id


@dataclass(frozen=True)
class NewSchedule:
    """A schedule as a published version has it; `next_at` is its first time."""

    spec: ScheduleSpec
    next_at: datetime


@dataclass(frozen=True)
class Firing:
    """What became of a due time."""

    due: datetime
    next_at: datetime
    run_id: str | None = None
    error: str | None = None


class ScheduleStore(Protocol):
    """Schedules of all workspaces; the table is what holds, the scheduler's jobs only follow it."""

    async def replace(
        self,
        workspace_id: str,
        workflow: WorkflowRef,
        version: int,
        schedules: Sequence[NewSchedule],
        *,
        now: datetime,
    ) -> Sequence[str]:
        """Make these the schedules of a workflow, unless a newer version's are there.

        A trigger that stays keeps its id, its pause and, if cron and zone are the same, its next time.
        Returns the ids of those that are gone.
        """

    async def page(self, workspace_id: str, *, workflow_id: str | None) -> Sequence[Schedule]:
        """Return the schedules of a workspace."""

    async def get(self, schedule_id: str) -> StoredSchedule | None:
        """Return a schedule."""

    async def pause(
        self, workspace_id: str, schedule_id: str, *, paused: bool, next_at: datetime | None
    ) -> Schedule | None:
        """Pause a schedule, or let it go on at a time; None when the workspace has no such schedule."""

    async def due(self, before: datetime, *, limit: int) -> Sequence[StoredSchedule]:
        """Return active schedules whose next time is before a moment, the earliest first."""

    async def fired(self, schedule_id: str, firing: Firing, *, expected: datetime) -> bool:
        """Move a schedule on, unless another process has: then nothing changes and it is False."""


class Triggers(Protocol):
    """Starts the runs of triggers."""

    async def fire(self, request: FireTrigger) -> TriggerFired:
        """Start the run of a due time, once however often it is asked. Raises `UpstreamError`."""
