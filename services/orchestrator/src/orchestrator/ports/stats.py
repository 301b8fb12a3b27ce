"""Sums over what runs did, kept beside the runs so that no question reads them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from flowloom_contracts.runs import Actor
from flowloom_contracts.stats import (
    InProgress,
    ModelFigures,
    Point,
    RunSummary,
    UsageGroup,
    UsageRow,
    WorkflowFigures,
)


@dataclass(frozen=True, slots=True)
class Period:
    """A time of one workspace, from `since` up to but without `until`."""

    workspace_id: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Totals:
    """What the runs that ended in a period come to."""

    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    duration_ms: int = 0
    tokens: int = 0
    usd_micro: int = 0
    tokens_saved: int = 0


@dataclass(frozen=True, slots=True)
class UsageCut:
    """Which calls are reported, and what makes a group of them; `until` is the last day, included."""

    workspace_id: str
    since: date
    until: date
    group_by: tuple[UsageGroup, ...]
    workflow_id: str | None
    limit: int
    closed: tuple[str, ...] = ()
    """Workflows that are left out, because who asks may not see them."""


class StatsStore(Protocol):
    """Reads the sums of one workspace at a time, and adds to them what has ended since."""

    async def tally(self, *, limit: int) -> int:
        """Add up to `limit` ended runs to the sums, each once; return how many there were."""

    async def totals(self, period: Period, workflow_id: str | None = None) -> Totals:
        """Return the sums of whole hours."""

    async def durations(self, period: Period) -> Mapping[int, int]:
        """Return how many runs took how long, by class of duration; cancelled runs are left out."""

    async def series(self, period: Period, unit: Literal["hour", "day"]) -> Sequence[Point]:
        """Return the points that have something, the oldest first."""

    async def workflows(
        self, period: Period, *, closed: Sequence[str] = (), limit: int
    ) -> Sequence[WorkflowFigures]:
        """Return the workflows with the most runs, without closed ones."""

    async def models(self, period: Period, *, limit: int) -> Sequence[ModelFigures]:
        """Return the models with the most tokens, by the days of the period."""

    async def in_progress(self, workspace_id: str) -> InProgress:
        """Return how many runs are doing what now."""

    async def running(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """Return the newest runs that are being carried out now, of those that somebody may see."""

    async def failed(self, actor: Actor, *, limit: int) -> Sequence[RunSummary]:
        """Return the newest runs that have failed, of those that somebody may see."""

    async def approvals_waiting(self, workspace_id: str) -> int:
        """Return how many items wait for people."""

    async def usage(self, cut: UsageCut) -> Sequence[UsageRow]:
        """Return the groups that used most, one more than `limit` at most."""
