"""`apply`: the one gate through which the state of a run moves."""

from collections.abc import Callable
from typing import Final, cast

from flowloom_contracts.runs import RUN_TRANSITIONS, TERMINAL_STEP_STATUSES, RunError, RunStatus
from flowloom_language.errors import IllegalTransitionError
from flowloom_language.events import (
    CancelRequested,
    Change,
    RunCancelled,
    RunChange,
    RunEnding,
    RunFailed,
    RunKilled,
    RunPaused,
    RunResumed,
    RunRetried,
    RunStarted,
    RunSucceeded,
    RunWaiting,
    StageReached,
)
from flowloom_language.new_entries import with_new_steps
from flowloom_language.run_retries import retried
from flowloom_language.state import Ending, RunState
from flowloom_language.step_transitions import move_step

__all__ = ["IllegalTransitionError", "apply"]

_S = RunStatus


def apply(state: RunState, event: Change) -> RunState:
    """Return the state after an event; raises IllegalTransitionError and changes nothing otherwise.

    Applying an event again to the state it was applied to gives the same state at no cost: `decide` has
    applied what it tells to record.
    """
    known = state.successor
    if known is not None and known[0] is event:
        return known[1]
    move = _RUN_MOVES.get(type(event))
    moved = move_step(state, event) if move is None else move(state, event)  # type: ignore[arg-type]  # the table holds every run event
    moved.progress = None if isinstance(event, RunRetried) else state.progress
    state.progress = None
    state.successor = (event, moved)
    return moved


def _move(state: RunState, status: RunStatus, changes: dict[str, object]) -> RunState:
    if status not in RUN_TRANSITIONS[state.status]:
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status} and cannot become {status}.")
    return state.changed(changes | {"status": status})


def _require(state: RunState, *allowed: RunStatus) -> None:
    if state.status not in allowed:
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status}: this cannot happen to it.")


def _started(state: RunState, event: RunStarted) -> RunState:
    _require(state, _S.QUEUED)
    started_at = state.started_at or event.at
    return _move(state, _S.RUNNING, {"started_at": started_at, "deadline_at": event.deadline_at})


def _waiting(state: RunState, _event: RunWaiting) -> RunState:
    _require(state, _S.RUNNING)
    return _move(state, _S.WAITING, {})


def _paused(state: RunState, _event: RunPaused) -> RunState:
    return _move(state, _S.PAUSED, {"paused_from": state.status})


def _resumed(state: RunState, _event: RunResumed) -> RunState:
    _require(state, _S.PAUSED, _S.WAITING)
    back = state.paused_from if state.status is _S.PAUSED else None
    return _move(state, back or _S.RUNNING, {"paused_from": None})


def _cancel_requested(state: RunState, event: CancelRequested) -> RunState:
    """A run that is ending already goes on ending where it is, but as a cancelled one."""
    before = state.ending
    cancelled = RunError(code="cancelled", message=event.reason or "The run was cancelled.")
    error = (before.error if before else None) or cancelled
    ending = Ending(outcome="cancelled", error=error, stage=before.stage if before else "stopping")
    return _move(state, _S.CANCELLING, {"cancel_reason": event.reason, "ending": ending, "paused_from": None})


def _killed(state: RunState, event: RunKilled) -> RunState:
    is_killed = state.ending is not None and state.ending.killed
    if state.status.is_terminal or is_killed:
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status} and cannot be killed.")
    error = state.ending.error if state.ending else None
    ending = Ending(outcome="cancelled", error=error, killed=True)
    changes: dict[str, object] = {"ending": ending, "paused_from": None}
    if state.status is _S.CANCELLING:
        return state.changed(changes)
    return _move(state, _S.CANCELLING, changes | {"cancel_reason": event.reason})


def _ending(state: RunState, event: RunEnding) -> RunState:
    _require(state, _S.RUNNING, _S.WAITING)
    if state.ending is not None:
        raise IllegalTransitionError(f"Run {state.run.id!r} is ending already.")
    return state.changed({"status": _S.RUNNING, "ending": Ending(outcome=event.outcome, error=event.error)})


def _stage_reached(state: RunState, event: StageReached) -> RunState:
    _require(state, _S.RUNNING, _S.CANCELLING)
    order = ("stopping", "undo", "on_failure")
    before = state.ending
    if before is None or before.killed or order.index(event.stage) <= order.index(before.stage):
        raise IllegalTransitionError(f"Run {state.run.id!r} cannot reach the stage {event.stage}.")
    ending = Ending(outcome=before.outcome, error=before.error, stage=event.stage)
    return with_new_steps(state.changed({"ending": ending}), "on_failure.", event.steps)


def _finish(state: RunState, status: RunStatus, changes: dict[str, object]) -> RunState:
    if status in RUN_TRANSITIONS[state.status] and not _has_ended(state):
        raise IllegalTransitionError(f"Run {state.run.id!r} cannot become {status}: a step is in progress.")
    return _move(state, status, changes | {"ending": None, "paused_from": None, "deadline_at": None})


def _has_ended(state: RunState) -> bool:
    return all(step.status in TERMINAL_STEP_STATUSES for step in state.steps.values())


def _cancelled(state: RunState, event: RunCancelled) -> RunState:
    return _finish(state, _S.CANCELLED, {"finished_at": event.at})


def _succeeded(state: RunState, event: RunSucceeded) -> RunState:
    return _finish(state, _S.SUCCEEDED, {"outputs": event.outputs, "finished_at": event.at})


def _failed(state: RunState, event: RunFailed) -> RunState:
    return _finish(state, _S.FAILED, {"error": event.error, "finished_at": event.at})


def _retried(state: RunState, event: RunRetried) -> RunState:
    _require(state, _S.FAILED, _S.CANCELLED)
    if event.attempt != state.run.attempt + 1:
        raise IllegalTransitionError(
            f"Run {state.run.id!r} expects attempt {state.run.attempt + 1}, not {event.attempt}."
        )
    return retried(_move(state, _S.QUEUED, {}), event)


_Move = Callable[[RunState, RunChange], RunState]
_RUN_MOVES: Final[dict[type, _Move]] = {
    RunStarted: cast(_Move, _started),
    RunWaiting: cast(_Move, _waiting),
    RunPaused: cast(_Move, _paused),
    RunResumed: cast(_Move, _resumed),
    CancelRequested: cast(_Move, _cancel_requested),
    RunKilled: cast(_Move, _killed),
    RunEnding: cast(_Move, _ending),
    StageReached: cast(_Move, _stage_reached),
    RunCancelled: cast(_Move, _cancelled),
    RunSucceeded: cast(_Move, _succeeded),
    RunFailed: cast(_Move, _failed),
    RunRetried: cast(_Move, _retried),
}
