"""`apply`: the one gate through which the state of a run moves."""

from typing import assert_never

from flowloom_contracts.base import JsonValue
from flowloom_contracts.runs import RUN_TRANSITIONS, STEP_TRANSITIONS, RunStatus, StepStatus
from flowloom_language.events import (
    CancelRequested,
    Change,
    RunCancelled,
    RunFailed,
    RunStarted,
    RunSucceeded,
    StepCancelled,
    StepChange,
    StepFailed,
    StepQueued,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    StepWaiting,
)
from flowloom_language.state import RunState, StepState


class IllegalTransitionError(Exception):
    """An event does not fit the state: it came twice, too late, or for another attempt."""


def apply(state: RunState, event: Change) -> RunState:
    """Return the state after an event; raises IllegalTransitionError and changes nothing otherwise."""
    match event:
        case RunStarted():
            return _move_run(state, RunStatus.RUNNING, from_={RunStatus.QUEUED}, started_at=event.at)
        case CancelRequested():
            return _move_run(state, RunStatus.CANCELLING, cancel_reason=event.reason)
        case RunCancelled():
            return _move_run(state, RunStatus.CANCELLED, finished_at=event.at)
        case RunSucceeded():
            return _move_run(state, RunStatus.SUCCEEDED, outputs=event.outputs, finished_at=event.at)
        case RunFailed():
            return _move_run(state, RunStatus.FAILED, error=event.error, finished_at=event.at)
        case _:
            return _move_step(state, event)


def _move_run(
    state: RunState, status: RunStatus, *, from_: set[RunStatus] | None = None, **changes: object
) -> RunState:
    if status not in RUN_TRANSITIONS[state.status] or (from_ and state.status not in from_):
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status} and cannot become {status}.")
    if status.is_terminal and any(not step.status.is_terminal for step in state.steps.values()):
        raise IllegalTransitionError(f"Run {state.run.id!r} cannot become {status}: a step is in progress.")
    return state.model_copy(update={"status": status, **changes})


def _move_step(state: RunState, event: StepChange) -> RunState:
    step = state.steps.get(event.path)
    if step is None:
        raise IllegalTransitionError(f"Run {state.run.id!r} has no step {event.path!r}.")
    changes = _changes(step, event)
    status = changes["status"]
    if status not in STEP_TRANSITIONS[step.status]:
        raise IllegalTransitionError(f"Step {event.path!r} is {step.status} and cannot become {status}.")
    _check_run(state, event)
    _check_attempt(step, event)
    moved = step.model_copy(update=changes)
    usage = state.usage
    if isinstance(event, StepSucceeded | StepFailed | StepRetrying):
        usage = usage.plus(event.usage)
    return state.model_copy(update={"steps": {**state.steps, event.path: moved}, "usage": usage})


def _check_run(state: RunState, event: StepChange) -> None:
    """Nothing starts in a run that is ending, and nothing at all happens in one that has ended."""
    is_ending = isinstance(event, StepSucceeded | StepFailed | StepCancelled | StepSkipped)
    if state.status.is_terminal or state.status is RunStatus.QUEUED:
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status}; {event.path!r} cannot change.")
    if state.status is RunStatus.CANCELLING and not is_ending:
        raise IllegalTransitionError(f"Run {state.run.id!r} is cancelling; {event.path!r} cannot go on.")


def _check_attempt(step: StepState, event: StepChange) -> None:
    if isinstance(event, StepSkipped | StepCancelled):
        return
    begins = step.status is StepStatus.PENDING or isinstance(event, StepRetrying)
    expected = step.attempt + 1 if begins else step.attempt
    if event.attempt != expected:
        raise IllegalTransitionError(
            f"Step {event.path!r} expects attempt {expected}; the event is of attempt {event.attempt}."
        )


def _changes(step: StepState, event: StepChange) -> dict[str, object]:
    match event:
        case StepQueued():
            return {"status": StepStatus.QUEUED, "attempt": event.attempt, "wake_at": None}
        case StepStarted():
            return _started(step, event) | {"status": StepStatus.RUNNING, "deadline_at": event.deadline_at}
        case StepWaiting():
            return _started(step, event) | {"status": StepStatus.WAITING, "wake_at": event.wake_at}
        case StepSucceeded():
            return _ended(step, event, output=event.output) | {"status": StepStatus.SUCCEEDED, "error": None}
        case StepFailed():
            return _ended(step, event) | {"status": StepStatus.FAILED, "error": event.error}
        case StepRetrying():
            return {
                "status": StepStatus.RETRYING,
                "attempt": event.attempt,
                "wake_at": event.wake_at,
                "error": event.error,
                "usage": step.usage.plus(event.usage),
                "deadline_at": None,
            }
        case StepSkipped():
            return {"status": StepStatus.SKIPPED, "finished_at": event.at}
        case StepCancelled():
            return {"status": StepStatus.CANCELLED, "finished_at": event.at, "wake_at": None}
        case _:
            assert_never(event)


def _started(step: StepState, event: StepStarted | StepWaiting) -> dict[str, object]:
    return {"attempt": event.attempt, "started_at": step.started_at or event.at, "wake_at": None}


def _ended(
    step: StepState, event: StepSucceeded | StepFailed, *, output: JsonValue = None
) -> dict[str, object]:
    return {
        "attempt": event.attempt,
        "output": output,
        "usage": step.usage.plus(event.usage),
        "started_at": step.started_at or event.at,
        "finished_at": event.at,
        "wake_at": None,
        "deadline_at": None,
    }
