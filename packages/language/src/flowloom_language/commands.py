"""What `decide` asks the orchestrator to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue
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
class StartChildRun:
    """Start a run of another workflow and record `ChildRunStarted`; it is given again until then.

    The run's idempotency key is the step's path and attempt. What cannot be started is a `StepFailed`
    that goes through `settle_failure`. With `detach` nobody waits for the run.
    """

    path: str
    attempt: int
    workflow: str
    version: int | None
    inputs: JsonObject
    mode: Literal["wait", "detach"]


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """Tell the workspace; stands before the record of the step's success, for the same transaction."""

    path: str
    topic: str
    data: JsonValue
    event_id: str


@dataclass(frozen=True, slots=True)
class StopStep:
    """Tell the worker of this attempt to stop; `StepCancelled` stands beside it."""

    path: str
    attempt: int


@dataclass(frozen=True, slots=True)
class CancelChildRun:
    """Cancel the run that a `workflow` step waits for; `StepCancelled` stands beside it."""

    path: str
    run_id: str


@dataclass(frozen=True, slots=True)
class NeedValues:
    """Ask again with these large values: something that only computes looks into them."""

    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Call `decide` again at once: there is more to do than fits one transaction."""


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Call `decide` again at this time at the latest."""

    at: datetime


Command: TypeAlias = (
    Record
    | StartStep
    | StartChildRun
    | EmitEvent
    | StopStep
    | CancelChildRun
    | NeedValues
    | AskAgain
    | WakeAt
)
