"""The live stream: envelopes of runs, and the union that history and TypeScript share."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from flowloom_contracts.approvals import Approval
from flowloom_contracts.base import Event, JsonObject, JsonValue, Response
from flowloom_contracts.runs import RunError, RunSnapshot, RunStatus, StepError, StepStatus, UsageView

Channel = Literal["thinking", "tools", "answer"]


class RunData(Event):
    """Data of a run milestone."""

    status: RunStatus
    reason: str | None = None
    outputs: JsonObject | None = None
    error: RunError | None = None
    usage: UsageView | None = None


class StepData(Event):
    """Data of a step milestone."""

    kind: str
    status: StepStatus
    agent: str | None = None
    exec: int | None = Field(default=None, description="Fencing token of the claim.")
    output_preview: JsonValue = None
    output_ref: str | None = None
    error: StepError | None = None
    usage: UsageView | None = None
    recovered: bool | None = None
    wake_at: datetime | None = None


class DeltaData(Event):
    """A piece of text; `offset` counts characters of that channel in that `exec`."""

    exec: int
    channel: Channel
    offset: int
    text: str


class CallData(Event):
    """A model or tool call that has ended."""

    exec: int
    call: int
    name: str
    arguments_preview: str | None = None
    usage: UsageView | None = None
    duration_ms: int
    replayed: bool
    run_id: str | None = Field(default=None, description="The run that the call has started.")


class LogData(Event):
    """A line for the person who watches."""

    level: Literal["debug", "info", "warning", "error"]
    message: str


class BudgetData(Event):
    """A budget that is nearly used up, or reached."""

    scope: Literal["step", "run", "day", "rule", "workspace", "workflow", "member", "api_key"]
    unit: Literal["tokens", "usd", "seconds"]
    limit: float
    used: float
    action: str | None = Field(default=None, description="What follows: `ask`, `fail` or a model's name.")
    rule: str | None = None


class FileData(Event):
    """A version of a file of the run, once it can be read."""

    path: str
    version: int
    size: int
    media_type: str


class HeadData(Event):
    """The newest cursor of a stream."""

    cursor: str


class ResyncData(Event):
    """A viewer that lagged or met a new epoch starts again from the snapshot."""

    cursor: str
    snapshot: RunSnapshot


class _Envelope(Event):
    stream: str
    epoch: int
    at: datetime
    run_id: str


class _Numbered(_Envelope):
    seq: int


class _OfStep(_Numbered):
    step: str
    iteration: int | None = None
    attempt: int


class RunMilestone(_Numbered):
    """A run changed its status."""

    type: Literal[
        "run.accepted.v1",
        "run.started.v1",
        "run.waiting.v1",
        "run.paused.v1",
        "run.resumed.v1",
        "run.cancelling.v1",
        "run.finished.v1",
    ]
    data: RunData


class StepMilestone(_OfStep):
    """A step changed its status."""

    type: Literal[
        "step.queued.v1",
        "step.started.v1",
        "step.waiting.v1",
        "step.retrying.v1",
        "step.finished.v1",
        "step.skipped.v1",
        "step.reused.v1",
    ]
    data: StepData


class StepDelta(_OfStep):
    """Text of a running step."""

    type: Literal["step.delta.v1"]
    data: DeltaData


class CallEnded(_OfStep):
    """A model or tool call ended."""

    type: Literal["model.called.v1", "tool.called.v1"]
    data: CallData


class LogWritten(_OfStep):
    """A step wrote a log line."""

    type: Literal["log.written.v1"]
    data: LogData


class ApprovalMilestone(_OfStep):
    """A step began to wait for a person, or somebody has decided."""

    type: Literal["approval.requested.v1", "approval.decided.v1"]
    data: Approval


class BudgetMilestone(_OfStep):
    """A call came near a budget (80 %) or reached it."""

    type: Literal["budget.warned.v1", "budget.reached.v1"]
    data: BudgetData


class FileWritten(_OfStep):
    """A step wrote a file."""

    type: Literal["file.written.v1"]
    data: FileData


class StreamHead(_Envelope):
    """The newest cursor; carries no `seq` of its own."""

    type: Literal["stream.head.v1"]
    data: HeadData


class StreamResync(_Envelope):
    """A fresh start for this viewer; carries no `seq` of its own."""

    type: Literal["stream.resync.v1"]
    data: ResyncData


RunEvent = Annotated[
    RunMilestone
    | StepMilestone
    | StepDelta
    | CallEnded
    | LogWritten
    | ApprovalMilestone
    | BudgetMilestone
    | FileWritten
    | StreamHead
    | StreamResync,
    Field(discriminator="type"),
]


class RunEventList(Response):
    """A page of a run's history; `next_cursor` is the cursor of its last event, null at the present end."""

    items: list[RunEvent]
    next_cursor: str | None = None


class RunFinished(Event):
    """Topic `run-events`: a run reached its end (`run.finished.v1`)."""

    run_id: str
    workspace_id: str
    workflow_id: str
    status: RunStatus
    at: datetime
    workflow_name: str | None = None
    user_id: str | None = Field(default=None, description="Who started it.")
    is_child: bool = False
    is_private: bool = Field(default=False, description="Only who started it may be told of it.")
    error: RunError | None = None
    attempt: int = Field(default=1, description="Counts the retries of the run.")
    version: int | None = Field(default=None, description="None is the draft.")
    document: str | None = Field(default=None, description="Of a draft: the same for the same steps.")
    forked_from: str | None = Field(default=None, description="The run that it is a fork of.")


def run_stream(run_id: str) -> str:
    """Return the name of a run's stream."""
    return f"run:{run_id}"
