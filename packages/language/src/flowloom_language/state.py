"""What is known about a run: the value that `apply` moves from one state to the next."""

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.base import Document, JsonObject, JsonValue
from flowloom_contracts.runs import RunError, RunStatus, StepError, StepStatus, Usage
from flowloom_language.plan import Plan

Version: TypeAlias = int | Literal["draft"]


class RunFacts(Document):
    """What expressions see as `run`; never changes during an attempt."""

    id: str
    workflow: str
    version: Version
    trigger: JsonValue = None
    started_at: datetime
    attempt: int = 1

    def scope(self) -> JsonObject:
        """Return the facts as expressions read them."""
        return self.model_dump(mode="json")


class StepState(Document):
    """One step: `attempt` is 0 until it is first handed out."""

    path: str
    kind: str
    status: StepStatus = StepStatus.PENDING
    attempt: int = 0
    output: JsonValue = None
    error: StepError | None = None
    usage: Usage = Field(default=Usage(), description="All attempts together.")
    recovered: bool = False
    wake_at: datetime | None = Field(default=None, description="End of a wait or of a back-off.")
    deadline_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class RunState(Document):
    """A run with all its steps by path, in the order of the document."""

    run: RunFacts
    status: RunStatus = RunStatus.QUEUED
    inputs: JsonObject
    steps: dict[str, StepState] = {}
    outputs: JsonObject | None = None
    error: RunError | None = None
    usage: Usage = Usage()
    cancel_reason: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


def initial_state(facts: RunFacts, inputs: JsonObject, plan: Plan) -> RunState:
    """Return the state of a run that is accepted and not yet started; `inputs` are resolved already."""
    steps = {step.path: StepState(path=step.path, kind=step.kind) for step in plan.steps}
    return RunState(run=facts, inputs=inputs, steps=steps)
