"""What a workspace did and what it cost: the figures of the dashboard and the reports of usage."""

from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.api import WorkflowSummary
from flowloom_contracts.base import Request, Response
from flowloom_contracts.runs import Actor, RunError, RunStatus, WorkflowRef

Window: TypeAlias = Literal["24h", "7d", "30d", "90d"]
HOURS: Final[dict[Window, int]] = {"24h": 24, "7d": 7 * 24, "30d": 30 * 24, "90d": 90 * 24}
"""How long each window is."""


class Figure(Response):
    """A figure of the window and of the window before it, which is cut where this one has come to."""

    value: float | None = Field(description="None where nothing was counted that it could be made of.")
    before: float | None = None
    change: float | None = Field(
        default=None, description="`(value - before) / before`; None where that cannot be said."
    )


class Point(Response):
    """An hour of a day's window, or a day (UTC) of a longer one."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    tokens: int = 0
    usd: float = 0


class WorkflowFigures(Response):
    """What one workflow did in the window."""

    workflow: WorkflowRef
    runs: int
    failed: int
    average_ms: float | None
    tokens: int
    usd: float


class ModelFigures(Response):
    """What one model was used for in the window, by whole days (UTC)."""

    model: str
    calls: int
    tokens: int
    usd: float


class RunSummary(Response):
    """A run without what went in and came out of it."""

    id: str
    workflow: WorkflowRef
    status: RunStatus
    error: RunError | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class InProgress(Response):
    """Runs that have not ended, by what they are doing now."""

    running: int = 0
    queued: int = 0
    waiting: int = Field(default=0, description="Waiting for a person, an event or a time, or paused.")


class RunFigures(Response):
    """Internal answer of `stats/overview`: what the orchestrator knows."""

    window: Window
    since: datetime
    until: datetime
    unit: Literal["hour", "day"] = Field(description="How long a point of `series` is.")
    runs: Figure = Field(description="Runs that ended.")
    failures: Figure
    success_rate: Figure = Field(description="Of the runs that were not cancelled, from 0 to 1.")
    p50_ms: Figure = Field(description="Median time from start to end, within 5 %.")
    p95_ms: Figure
    tokens: Figure
    usd: Figure
    tokens_saved: Figure
    approvals_waiting: int
    in_progress: InProgress
    running_now: list[RunSummary] = Field(description="The newest at most ten.")
    recent_failures: list[RunSummary] = Field(description="The newest at most ten.")
    series: list[Point] = Field(description="Without gaps, the oldest first.")
    workflows: list[WorkflowFigures] = Field(description="Those with the most runs, at most twenty.")
    models: list[ModelFigures] = Field(description="Those with the most tokens, at most twenty.")


class Overview(RunFigures):
    """`GET /v1/stats/overview`."""

    recent_edits: list[WorkflowSummary] = Field(description="The newest at most ten.")


class OverviewQuery(Request):
    """Internal `stats/overview`."""

    actor: Actor
    window: Window = "7d"


UsageGroup: TypeAlias = Literal["day", "workflow", "step", "agent", "model", "user"]


class UsageRow(Response):
    """What was used by one group; fields that it is not grouped by are None."""

    day: date | None = None
    workflow: WorkflowRef | None = None
    step: str | None = Field(default=None, description="A path without the numbers of items.")
    agent: str | None = None
    model: str | None = Field(default=None, description="Empty for calls of tools and addresses.")
    user_id: str | None = None
    user: str | None = Field(default=None, description="Their address when they started the run.")
    calls: int
    tokens: int
    usd: float
    seconds: float = Field(description="Time that the calls took together.")


class UsageReport(Response):
    """`GET /v1/usage`: calls of models and tools by what they were made for, of runs that have ended."""

    since: date
    until: date = Field(description="The last day, included.")
    group_by: list[UsageGroup]
    items: list[UsageRow] = Field(description="The most expensive first, then those with the most tokens.")
    is_complete: bool = Field(description="False when there are more groups than `items` can hold.")
    runs: int
    tokens: int
    usd: float
    seconds: float
    tokens_saved: int = Field(description="Tokens of reused steps and replayed calls.")


class UsageQuery(Request):
    """Internal `usage/report`; days are UTC."""

    actor: Actor
    since: date
    until: date
    group_by: list[UsageGroup] = Field(min_length=1, max_length=6)
    workflow_id: str | None = None
    limit: int = Field(default=1_000, ge=1, le=10_000)
