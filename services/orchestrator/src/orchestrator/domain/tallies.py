"""What an ended run adds to the sums of its workspace: pure, and the same however often a run ends."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from flowloom_contracts.runs import RunStatus, Usage, WorkflowRef
from orchestrator.domain.durations import class_of

_NUMBER: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run as it ended, or as it was counted when it ended before."""

    workspace_id: str
    workflow: WorkflowRef
    status: RunStatus
    finished_at: datetime
    duration_ms: int
    usage: Usage

    @property
    def hour(self) -> datetime:
        """The hour that it counts in."""
        return self.finished_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one step of a run to one model, or to tools (`model` is empty then)."""

    workspace_id: str
    day: date
    workflow: WorkflowRef
    step: str
    agent: str
    model: str
    user_id: str
    user: str
    count: int
    usage: Usage
    duration_ms: int


@dataclass(slots=True)
class HourSum:
    """What the runs of a workflow that ended in one hour come to."""

    name: str = ""
    ends: Counter[RunStatus] = field(default_factory=Counter)
    duration_ms: int = 0
    tokens: int = 0
    usd_micro: int = 0
    tokens_saved: int = 0


HourKey = tuple[str, datetime, str]
"""Workspace, hour, workflow."""
ClassKey = tuple[str, datetime, int]
"""Workspace, hour, class of duration."""


@dataclass(slots=True)
class Sums:
    """What has to be added to the sums that are kept; parts may be negative."""

    hours: dict[HourKey, HourSum] = field(default_factory=dict)
    classes: Counter[ClassKey] = field(default_factory=Counter)

    def add(self, run: EndedRun, *, sign: int = 1) -> None:
        """Count a run, or with a negative sign take back that it was counted."""
        key = (run.workspace_id, run.hour, run.workflow.id)
        hour = self.hours.setdefault(key, HourSum())
        hour.name = run.workflow.name
        hour.ends[run.status] += sign
        hour.duration_ms += sign * run.duration_ms
        hour.tokens += sign * run.usage.tokens
        hour.usd_micro += sign * run.usage.usd_micro
        hour.tokens_saved += sign * run.usage.tokens_saved
        if run.status is not RunStatus.CANCELLED:
            self.classes[run.workspace_id, run.hour, class_of(run.duration_ms)] += sign


def sums_of(runs: Iterable[tuple[EndedRun, EndedRun | None]]) -> Sums:
    """Return what runs add; beside each stands what was counted of it before, if it was tried again."""
    sums = Sums()
    for now, before in runs:
        if before is not None:
            sums.add(before, sign=-1)
        sums.add(now)
    return sums


def without_numbers(path: str) -> str:
    """Return a path of a run as it stands in the document: all items of a loop are one step."""
    return _NUMBER.sub("[]", path)


def counts_of(classes: Mapping[ClassKey, int]) -> dict[int, int]:
    """Return how many runs each class of durations has."""
    found = Counter[int]()
    for (_, _, number), count in classes.items():
        found[number] += count
    return dict(found)
