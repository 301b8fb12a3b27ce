"""Turns what happened to a run into the events that people see."""

import json
from datetime import datetime
from typing import Final

import orjson

from flowloom_contracts.base import Event, JsonObject, JsonValue, Response
from flowloom_contracts.events import CallData, FileData, LogData, RunData, StepData
from flowloom_contracts.runs import RunStatus, Usage, UsageView
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_language.events import (
    CancelRequested,
    Change,
    ChildRunStarted,
    EventReceived,
    ItemStarted,
    LoopStarted,
    RunCancelled,
    RunFailed,
    RunKilled,
    RunPaused,
    RunResumed,
    RunRetried,
    RunStarted,
    RunSucceeded,
    RunWaiting,
    StepCancelled,
    StepFailed,
    StepQueued,
    StepRecovering,
    StepReplaced,
    StepRetrying,
    StepReused,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.large_values import ref_of
from flowloom_language.plan import Plan
from flowloom_language.state import RunState
from orchestrator.domain.files import NewFile
from orchestrator.domain.records import Execution, JournalEntry, NewEvent

MAX_INLINE_VALUE: Final = 16_000
"""Characters of JSON; a larger value travels as a preview and is read from the step itself."""

MODEL_CALL: Final = "model"
"""The name under which every model call is journaled; tools have their own."""

PREVIEW_CHARACTERS: Final = 2_000

_STEP_TYPES: Final = {
    StepQueued: "step.queued.v1",
    StepReplaced: "step.queued.v1",
    StepStarted: "step.started.v1",
    LoopStarted: "step.started.v1",
    ItemStarted: "step.started.v1",
    ChildRunStarted: "step.started.v1",
    StepWaiting: "step.waiting.v1",
    StepSucceeded: "step.finished.v1",
    EventReceived: "step.finished.v1",
    StepFailed: "step.finished.v1",
    StepRetrying: "step.retrying.v1",
    StepSkipped: "step.skipped.v1",
    StepCancelled: "step.finished.v1",
    StepReused: "step.reused.v1",
}

_RUN_TYPES: Final = {
    RunStarted: "run.started.v1",
    RunWaiting: "run.waiting.v1",
    RunPaused: "run.paused.v1",
    RunResumed: "run.resumed.v1",
    RunRetried: "run.resumed.v1",
    CancelRequested: "run.cancelling.v1",
    RunKilled: "run.cancelling.v1",
}

_FINISHED: Final = (RunSucceeded, RunFailed, RunCancelled)
_ENDS_ATTEMPT: Final = (
    StepSucceeded,
    StepFailed,
    StepRetrying,
    StepReplaced,
    StepRecovering,
    StepWaiting,
    StepCancelled,
)


def accepted(state: RunState, at: datetime) -> NewEvent:
    """Return the first event of a run."""
    return _of_run(state, "run.accepted.v1", RunData(status=RunStatus.QUEUED), at)


def milestone(plan: Plan, state: RunState, event: Change, execution: Execution) -> NewEvent | None:
    """Return the event of a change, if people are told of it; `state` is the one after it."""
    if type(event) in _STEP_TYPES:
        return _step_milestone(plan, state, event, execution)
    if isinstance(event, StepRecovering):
        return _recovering(state, event, execution)
    if type(event) in _RUN_TYPES:
        data = RunData(status=state.status, reason=getattr(event, "reason", None))
        return _of_run(state, _RUN_TYPES[type(event)], data, event.at)
    if not isinstance(event, _FINISHED):
        return None
    data = RunData(
        status=state.status,
        reason=state.cancel_reason,
        outputs=_small(state.outputs),
        error=state.error,
        usage=UsageView.of(state.usage),
    )
    return _of_run(state, "run.finished.v1", data, event.at)


def _recovering(state: RunState, event: StepRecovering, execution: Execution) -> NewEvent:
    words = f"{event.error.code}: {event.error.message} Its on_error takes over."
    data = LogData(level="warning", message=words)
    fence = execution.exec + 1 if execution.exec else None
    return _of_step(state, event.path, "log.written.v1", data, at=event.at, fence=fence)


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
        run_id=_started_by(entry),
    )
    kind = "model.called.v1" if entry.name == MODEL_CALL else "tool.called.v1"
    body = _body(kind, at, run_id, data, step=entry.step, attempt=entry.attempt)
    return NewEvent(type=kind, at=at, body=body, step=entry.step)


def _started_by(entry: JournalEntry) -> str | None:
    """Return the run that a call has started, for who watches the one that made it."""
    if not entry.name.startswith(WORKFLOW_PREFIX) or not isinstance(entry.response, dict):
        return None
    run_id = entry.response.get("run_id")
    return run_id if isinstance(run_id, str) else None


def file_written(new: NewFile, version: int) -> NewEvent:
    """Return the event of a version of a file."""
    data = FileData(path=new.path, version=version, size=new.size, media_type=new.media_type)
    return step_event(new.run_id, new.step, "file.written.v1", data, at=new.at, attempt=new.attempt)


def _step_milestone(plan: Plan, state: RunState, event: Change, execution: Execution) -> NewEvent:
    path = getattr(event, "path")  # noqa: B009 - every step event has one; the union is wider than the table
    data = _step_data(plan, state, path)
    fence: int | None = None
    if isinstance(event, StepStarted):
        data, fence = data.model_copy(update={"exec": execution.exec}), execution.exec
    elif isinstance(event, _ENDS_ATTEMPT) and execution.exec:
        # From here on, text of the ended attempt is refused.
        data, fence = data.model_copy(update={"exec": execution.exec}), execution.exec + 1
    return _of_step(state, path, _STEP_TYPES[type(event)], data, at=event.at, fence=fence)


def _step_data(plan: Plan, state: RunState, path: str) -> StepData:
    step = state.steps[path]
    has_ended = step.status.is_terminal
    ref = ref_of(step.output)
    return StepData(
        kind=step.kind,
        status=step.status,
        agent=agent_of(plan, path),
        output_preview=preview(step.output) if has_ended else None,
        output_ref=ref,
        error=step.error,
        usage=UsageView.of(step.usage) if step.usage != Usage() else None,
        recovered=True if step.recovered else None,
        wake_at=step.wake_at,
    )


def step_event(
    run_id: str, path: str, kind: str, data: Event | Response, *, at: datetime, attempt: int
) -> NewEvent:
    """Return an event about a step that is no change of its state."""
    body = _body(kind, at, run_id, data, step=path, attempt=attempt)
    return NewEvent(type=kind, at=at, body=body, step=path)


def agent_of(plan: Plan, path: str) -> str | None:
    """Return the agent of an `agent` step."""
    if path.endswith("]"):
        return None  # an item of a loop
    step = plan.step(path)
    name = getattr(step.step, "agent", None) if step.kind == "agent" else None
    return str(name) if name is not None else None


def agent_kind_of(plan: Plan, path: str) -> str | None:
    """Return the kind of agent that carries a step out; a document's own agents have one of the four."""
    name = agent_of(plan, path)
    own = plan.agents.get(name) if name is not None else None
    return own.kind if own is not None else name


def preview(value: JsonValue) -> JsonValue:
    """Return a value that is small enough for an event, else the beginning of its text."""
    if isinstance(value, dict) and ref_of(value) is not None:
        return value["preview"]
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
    data: Event | Response,
    *,
    step: str | None = None,
    attempt: int | None = None,
) -> str:
    envelope: JsonObject = {"type": kind, "at": at.isoformat().replace("+00:00", "Z"), "run_id": run_id}
    if step is not None:
        envelope |= {"step": step, "attempt": attempt}
    # Spliced as text: a run writes a dozen of these, and none is looked into again.
    head = orjson.dumps(envelope)[:-1].decode()
    return f'{head},"data":{data.model_dump_json(exclude_none=True)}}}'


def _json(value: JsonValue) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
