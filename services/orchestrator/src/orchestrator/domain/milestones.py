"""Turns what happened to a run into the events that people see."""

import json
from datetime import datetime
from typing import Final

from flowloom_contracts.base import Event, JsonObject, JsonValue
from flowloom_contracts.events import CallData, RunData, StepData
from flowloom_contracts.runs import RunStatus, Usage, UsageView
from flowloom_language.events import (
    CancelRequested,
    Change,
    RunStarted,
    StepCancelled,
    StepFailed,
    StepQueued,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.plan import Plan
from flowloom_language.state import RunState
from orchestrator.domain.records import Execution, JournalEntry, NewEvent

MAX_INLINE_VALUE: Final = 16_000
"""Characters of JSON; a larger value travels as a preview and is read from the step itself."""

MODEL_CALL: Final = "model"
"""The name under which every model call is journaled; tools have their own."""

PREVIEW_CHARACTERS: Final = 2_000

_STEP_TYPES: Final = {
    StepQueued: "step.queued.v1",
    StepStarted: "step.started.v1",
    StepWaiting: "step.waiting.v1",
    StepSucceeded: "step.finished.v1",
    StepFailed: "step.finished.v1",
    StepRetrying: "step.retrying.v1",
    StepSkipped: "step.skipped.v1",
    StepCancelled: "step.finished.v1",
}


def accepted(state: RunState, at: datetime) -> NewEvent:
    """Return the first event of a run."""
    return _of_run(state, "run.accepted.v1", RunData(status=RunStatus.QUEUED), at)


def milestone(plan: Plan, state: RunState, event: Change, execution: Execution) -> NewEvent:
    """Return the event of a change; `state` is the one after it."""
    if type(event) in _STEP_TYPES:
        return _step_milestone(plan, state, event, execution)
    if isinstance(event, RunStarted):
        return _of_run(state, "run.started.v1", RunData(status=state.status), event.at)
    if isinstance(event, CancelRequested):
        data = RunData(status=state.status, reason=event.reason)
        return _of_run(state, "run.cancelling.v1", data, event.at)
    data = RunData(
        status=state.status,
        reason=state.cancel_reason,
        outputs=_small(state.outputs),
        error=state.error,
        usage=UsageView.of(state.usage),
    )
    return _of_run(state, "run.finished.v1", data, event.at)


def taken_over(plan: Plan, state: RunState, path: str, *, execution: Execution, at: datetime) -> NewEvent:
    """Return the event of a step that another worker starts again from its beginning."""
    data = _step_data(plan, state, path).model_copy(update={"exec": execution.exec})
    return _of_step(state, path, "step.started.v1", data, at=at, fence=execution.exec)


def called(run_id: str, entry: JournalEntry, at: datetime, *, is_replayed: bool = False) -> NewEvent:
    """Return the event of a model or tool call that has ended."""
    data = CallData(
        exec=entry.exec,
        call=entry.call,
        name=entry.name,
        usage=UsageView.of(entry.usage),
        duration_ms=entry.duration_ms,
        replayed=is_replayed,
    )
    kind = "model.called.v1" if entry.name == MODEL_CALL else "tool.called.v1"
    body = _body(kind, at, run_id, data, step=entry.step, attempt=entry.attempt)
    return NewEvent(type=kind, at=at, body=body, step=entry.step)


def _step_milestone(plan: Plan, state: RunState, event: Change, execution: Execution) -> NewEvent:
    path = getattr(event, "path")  # noqa: B009 - every step event has one; the union is wider than the table
    data = _step_data(plan, state, path)
    fence: int | None = None
    if isinstance(event, StepStarted):
        data, fence = data.model_copy(update={"exec": execution.exec}), execution.exec
    elif isinstance(event, StepSucceeded | StepFailed | StepRetrying | StepCancelled) and execution.exec:
        # From here on, text of the ended attempt is refused.
        data, fence = data.model_copy(update={"exec": execution.exec}), execution.exec + 1
    return _of_step(state, path, _STEP_TYPES[type(event)], data, at=event.at, fence=fence)


def _step_data(plan: Plan, state: RunState, path: str) -> StepData:
    step = state.steps[path]
    has_ended = step.status.is_terminal
    return StepData(
        kind=step.kind,
        status=step.status,
        agent=agent_of(plan, path),
        output_preview=preview(step.output) if has_ended else None,
        error=step.error,
        usage=UsageView.of(step.usage) if step.usage != Usage() else None,
        recovered=True if step.recovered else None,
        wake_at=step.wake_at,
    )


def agent_of(plan: Plan, path: str) -> str | None:
    """Return the agent of an `agent` step."""
    step = plan.step(path)
    name = getattr(step.step, "agent", None) if step.kind == "agent" else None
    return str(name) if name is not None else None


def preview(value: JsonValue) -> JsonValue:
    """Return a value that is small enough for an event, else the beginning of its text."""
    text = value if isinstance(value, str) else _json(value)
    return value if len(text) <= MAX_INLINE_VALUE else text[:PREVIEW_CHARACTERS] + "…"


def _small(outputs: JsonObject | None) -> JsonObject | None:
    if outputs is None:
        return None
    return {name: preview(value) for name, value in outputs.items()}


def _of_run(state: RunState, kind: str, data: Event, at: datetime) -> NewEvent:
    return NewEvent(type=kind, at=at, body=_body(kind, at, state.run.id, data))


def _of_step(
    state: RunState, path: str, kind: str, data: Event, *, at: datetime, fence: int | None
) -> NewEvent:
    body = _body(kind, at, state.run.id, data, step=path, attempt=state.steps[path].attempt)
    return NewEvent(type=kind, at=at, body=body, step=path, fence=fence)


def _body(
    kind: str,
    at: datetime,
    run_id: str,
    data: Event,
    *,
    step: str | None = None,
    attempt: int | None = None,
) -> str:
    envelope: JsonObject = {"type": kind, "at": at.isoformat().replace("+00:00", "Z"), "run_id": run_id}
    if step is not None:
        envelope |= {"step": step, "attempt": attempt}
    # Spliced as text: a run writes a dozen of these, and none is looked into again.
    return f'{_json(envelope)[:-1]},"data":{data.model_dump_json(exclude_none=True)}}}'


def _json(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
