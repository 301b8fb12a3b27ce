"""What `decide` asks the orchestrator to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from flowloom_language.events import Change


@dataclass(frozen=True, slots=True)
class Record:
    """Apply and store this event, in the order given."""

    event: Change


@dataclass(frozen=True, slots=True)
class StartStep:
    """Hand out this attempt and record `StepQueued` for it; it is given again until that is recorded."""

    path: str
    kind: str
    attempt: int
    slow: bool = True


@dataclass(frozen=True, slots=True)
class StopStep:
    """Tell the worker of this attempt to stop; `StepCancelled` stands beside it."""

    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Call `decide` again at this time at the latest."""

    at: datetime


Command: TypeAlias = Record | StartStep | StopStep | WakeAt
