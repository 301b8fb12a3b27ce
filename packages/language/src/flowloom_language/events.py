"""The interpreter's own inputs: everything that can happen to a run."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from flowloom_contracts.approvals import DecisionRequest
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import RunError, RunStatus, StepError, Usage
from flowloom_language.state import NO_USAGE, AwaitedEvent, Outcome, Stage

NewSteps: TypeAlias = tuple[tuple[str, str], ...]
"""Id and kind of the steps that an event brings into the run, in the order of the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RunEvent:
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepEvent:
    path: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _AttemptEvent(_StepEvent):
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(_RunEvent):
    """The first thing that happens to a run, or to a run that is retried."""

    type: ClassVar = "run_started"
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWaiting(_RunEvent):
    """All that is left waits for people or events."""

    type: ClassVar = "run_waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPaused(_RunEvent):
    """Somebody wants nothing new to start."""

    type: ClassVar = "run_paused"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed(_RunEvent):
    """The run goes on, after a pause or after it waited."""

    type: ClassVar = "run_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(_RunEvent):
    """Somebody wants the run to end."""

    type: ClassVar = "cancel_requested"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKilled(_RunEvent):
    """Somebody wants the run to end now, without `undo` and `on_failure`."""

    type: ClassVar = "run_killed"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnding(_RunEvent):
    """A step failed and nothing recovered it, a `stop` was reached or the time is up."""

    type: ClassVar = "run_ending"
    outcome: Outcome
    error: RunError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReached(_RunEvent):
    """A run that is ending goes on to taking back, or to `on_failure` with these steps."""

    type: ClassVar = "stage_reached"
    stage: Stage
    steps: NewSteps = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(_RunEvent):
    """Everything has stopped after a cancel."""

    type: ClassVar = "run_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSucceeded(_RunEvent):
    """Every step has ended well."""

    type: ClassVar = "run_succeeded"
    outputs: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(_RunEvent):
    """A step failed and nothing recovered it, or the outputs could not be evaluated."""

    type: ClassVar = "run_failed"
    error: RunError


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRetried(_RunEvent):
    """A run that failed or was cancelled starts again where it stopped; `attempt` is the new one's number."""

    type: ClassVar = "run_retried"
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepQueued(_AttemptEvent):
    """The attempt was handed out and waits for a worker."""

    type: ClassVar = "step_queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(_AttemptEvent):
    """A worker has claimed the attempt."""

    type: ClassVar = "step_started"
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting(_AttemptEvent):
    """The step sleeps until `wake_at`, or waits for a person (`decision`) or an event (`waits_for`)."""

    type: ClassVar = "step_waiting"
    wake_at: datetime | None = None
    decision: DecisionRequest | None = None
    waits_for: AwaitedEvent | None = None
    error: StepError | None = None
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDecided(_AttemptEvent):
    """A person, or the end of the time (`by` is None), has decided what a step waits for."""

    type: ClassVar = "step_decided"
    decision: str
    by: str | None = None
    comment: str | None = None
    data: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEscalated(_AttemptEvent):
    """Nobody has decided for a while: these are asked too."""

    type: ClassVar = "step_escalated"
    to: tuple[str, ...]
    wake_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReceived(_AttemptEvent):
    """The event has come that a step waits for."""

    type: ClassVar = "event_received"
    name: str
    data: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunStarted(_AttemptEvent):
    """The run that a `workflow` step asked for exists."""

    type: ClassVar = "child_run_started"
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRunEnded(_AttemptEvent):
    """The run that a `workflow` step waits for has ended; what follows, `decide` says."""

    type: ClassVar = "child_run_ended"
    run_id: str
    status: RunStatus
    outputs: JsonObject | None = None
    error: RunError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopStarted(_AttemptEvent):
    """A loop begins; `over` are its items, None for a loop with `until`."""

    type: ClassVar = "loop_started"
    over: list[JsonValue] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStarted(_StepEvent):
    """An item or round of a loop begins, with its steps; those of the round before leave (`left`)."""

    type: ClassVar = "item_started"
    steps: NewSteps
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSucceeded(_AttemptEvent):
    """The step, or an item of a loop, ended well; the entries at `left` leave the working state.

    `keeps_items`: steps inside this loop may still be taken back.
    """

    type: ClassVar = "step_succeeded"
    output: JsonValue = None
    usage: Usage = NO_USAGE
    recovered: bool = False
    left: tuple[str, ...] = ()
    keeps_items: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(_AttemptEvent):
    """The step's last attempt failed, or an item of a loop did; `origin` is where the error comes from."""

    type: ClassVar = "step_failed"
    error: StepError
    usage: Usage = NO_USAGE
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRetrying(_AttemptEvent):
    """An attempt failed; `attempt` is the number of the next, due at `wake_at`."""

    type: ClassVar = "step_retrying"
    wake_at: datetime
    error: StepError
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReplaced(_AttemptEvent):
    """A budget is reached: the attempt is handed out again with another model."""

    type: ClassVar = "step_replaced"
    model: str
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecovering(_AttemptEvent):
    """The step's last attempt failed and its `on_error` takes over, with these steps."""

    type: ClassVar = "step_recovering"
    error: StepError
    usage: Usage = NO_USAGE
    origin: str | None = None
    steps: NewSteps = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoStarted(_StepEvent):
    """The run is ending and takes a step back; `path` is that of the `undo`."""

    type: ClassVar = "undo_started"
    kind: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReused(_StepEvent):
    """The step does not run: its output is another run's, or was given (`run_id` is empty)."""

    type: ClassVar = "step_reused"
    output: JsonValue
    usage: Usage = NO_USAGE
    run_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(_StepEvent):
    """The step's edges or its `if` say that it does not run; `unreached`: the run stopped before it."""

    type: ClassVar = "step_skipped"
    unreached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(_StepEvent):
    """The step was in progress when the run, or the item it stands in, was stopped."""

    type: ClassVar = "step_cancelled"


RunChange: TypeAlias = (
    RunStarted
    | RunWaiting
    | RunPaused
    | RunResumed
    | CancelRequested
    | RunKilled
    | RunEnding
    | StageReached
    | RunCancelled
    | RunSucceeded
    | RunFailed
    | RunRetried
)
AttemptChange: TypeAlias = (
    StepQueued
    | StepStarted
    | StepWaiting
    | StepDecided
    | StepEscalated
    | EventReceived
    | ChildRunStarted
    | ChildRunEnded
    | LoopStarted
    | StepSucceeded
    | StepFailed
    | StepRetrying
    | StepReplaced
    | StepRecovering
)
StepChange: TypeAlias = AttemptChange | ItemStarted | UndoStarted | StepReused | StepSkipped | StepCancelled
Change: TypeAlias = RunChange | StepChange
