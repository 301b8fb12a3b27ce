"""The interpreter's own inputs: everything that can happen to a run."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.runs import RunError, StepError, Usage


class _RunEvent(Document):
    at: datetime


class _StepEvent(Document):
    path: str
    at: datetime


class _AttemptEvent(_StepEvent):
    attempt: int


class RunStarted(_RunEvent):
    """The first thing that happens to a run."""

    type: Literal["run_started"] = "run_started"


class CancelRequested(_RunEvent):
    """Somebody wants the run to end."""

    type: Literal["cancel_requested"] = "cancel_requested"
    reason: str | None = None


class RunCancelled(_RunEvent):
    """Everything has stopped after a cancel."""

    type: Literal["run_cancelled"] = "run_cancelled"


class RunSucceeded(_RunEvent):
    """Every step has ended well."""

    type: Literal["run_succeeded"] = "run_succeeded"
    outputs: JsonObject


class RunFailed(_RunEvent):
    """A step failed and nothing recovered it, or the outputs could not be evaluated."""

    type: Literal["run_failed"] = "run_failed"
    error: RunError


class StepQueued(_AttemptEvent):
    """The attempt was handed out and waits for a worker."""

    type: Literal["step_queued"] = "step_queued"


class StepStarted(_AttemptEvent):
    """A worker has claimed the attempt."""

    type: Literal["step_started"] = "step_started"
    deadline_at: datetime | None = None


class StepWaiting(_AttemptEvent):
    """A `wait` step sleeps until `wake_at`."""

    type: Literal["step_waiting"] = "step_waiting"
    wake_at: datetime


class StepSucceeded(_AttemptEvent):
    """The step ended well."""

    type: Literal["step_succeeded"] = "step_succeeded"
    output: JsonValue
    usage: Usage = Usage()


class StepFailed(_AttemptEvent):
    """The step's last attempt failed; no retry follows."""

    type: Literal["step_failed"] = "step_failed"
    error: StepError
    usage: Usage = Usage()


class StepRetrying(_AttemptEvent):
    """An attempt failed; `attempt` is the number of the next, due at `wake_at`."""

    type: Literal["step_retrying"] = "step_retrying"
    wake_at: datetime
    error: StepError
    usage: Usage = Usage()


class StepSkipped(_StepEvent):
    """The step's edges or its `if` say that it does not run."""

    type: Literal["step_skipped"] = "step_skipped"


class StepCancelled(_StepEvent):
    """The step was in progress when the run failed or was cancelled."""

    type: Literal["step_cancelled"] = "step_cancelled"


RunChange: TypeAlias = RunStarted | CancelRequested | RunCancelled | RunSucceeded | RunFailed
StepChange: TypeAlias = (
    StepQueued
    | StepStarted
    | StepWaiting
    | StepSucceeded
    | StepFailed
    | StepRetrying
    | StepSkipped
    | StepCancelled
)
Change: TypeAlias = Annotated[RunChange | StepChange, Field(discriminator="type")]
