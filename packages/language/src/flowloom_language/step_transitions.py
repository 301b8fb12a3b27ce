"""How one event moves the entry of a step, and which entries come and go with it."""

import re
from collections.abc import Callable
from typing import Final, cast

from flowloom_contracts.approvals import Decision
from flowloom_contracts.runs import STEP_TRANSITIONS, TERMINAL_STEP_STATUSES, RunError, RunStatus, StepStatus
from flowloom_language.errors import IllegalTransitionError
from flowloom_language.events import (
    Change,
    ChildRunEnded,
    ChildRunStarted,
    EventReceived,
    ItemStarted,
    LoopStarted,
    StepCancelled,
    StepChange,
    StepDecided,
    StepEscalated,
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
    UndoStarted,
)
from flowloom_language.large_values import refs_in
from flowloom_language.new_entries import item_reused, item_started, undo_started, with_new_steps
from flowloom_language.state import ITEM, NO_USAGE, ChildRun, RunState, StepState

_S = StepStatus
_ITEM_START: Final = re.compile(r"\[\d+\]")
_Changes = dict[str, object]

_FROM: Final[dict[type, frozenset[StepStatus]]] = {
    StepQueued: frozenset({_S.PENDING, _S.RETRYING, _S.WAITING}),
    StepStarted: frozenset({_S.PENDING, _S.QUEUED, _S.RETRYING}),
    StepWaiting: frozenset({_S.PENDING, _S.QUEUED, _S.RUNNING, _S.WAITING}),
    StepDecided: frozenset({_S.WAITING}),
    StepEscalated: frozenset({_S.WAITING}),
    EventReceived: frozenset({_S.WAITING}),
    ChildRunStarted: frozenset({_S.PENDING, _S.RETRYING, _S.WAITING}),
    ChildRunEnded: frozenset({_S.RUNNING}),
    LoopStarted: frozenset({_S.PENDING}),
    StepSucceeded: frozenset({_S.PENDING, _S.RUNNING, _S.WAITING}),
    StepFailed: frozenset({_S.PENDING, _S.QUEUED, _S.RUNNING, _S.WAITING, _S.RETRYING}),
    StepRetrying: frozenset({_S.QUEUED, _S.RUNNING}),
    StepReplaced: frozenset({_S.RUNNING, _S.WAITING}),
    StepRecovering: frozenset({_S.PENDING, _S.QUEUED, _S.RUNNING, _S.WAITING, _S.RETRYING}),
    StepReused: frozenset({_S.PENDING}),
    StepSkipped: frozenset({_S.PENDING}),
    StepCancelled: frozenset(StepStatus) - TERMINAL_STEP_STATUSES,
}
"""The statuses in which each event may come; where it leads, the table of transitions allows."""

_WHILE_STOPPING: Final = (StepSucceeded, StepFailed, StepCancelled, StepSkipped)
_STARTING: Final = (StepQueued, StepStarted, LoopStarted, ItemStarted, UndoStarted, StepReused)
_SPENDING: Final = (
    StepSucceeded,
    StepFailed,
    StepRetrying,
    StepReplaced,
    StepRecovering,
    StepWaiting,
    StepReused,
)
_UNNUMBERED: Final = (StepReused, StepSkipped, StepCancelled)


def move_step(state: RunState, event: Change) -> RunState:
    """Return the state after something happened to a step; raises IllegalTransitionError."""
    if isinstance(event, ItemStarted):
        _check_run(state, event)
        return _without_reuse(item_started(state, event), event.path)
    if isinstance(event, UndoStarted):
        _check_run(state, event)
        return undo_started(state, event)
    change = cast(StepChange, event)  # `apply` has taken the events of the run
    before = state.steps.get(change.path)
    if before is None and isinstance(change, StepReused) and change.path.endswith("]"):
        _check_run(state, change)
        return _without_reuse(item_reused(state, change), change.path)
    if before is None:
        raise IllegalTransitionError(f"Run {state.run.id!r} has no step {change.path!r}.")
    moved = _moved(state, before, change)
    return _without_reuse(moved, change.path) if state.reuse else moved


def _without_reuse(state: RunState, path: str) -> RunState:
    """What a step had without running is taken, or is not wanted any more."""
    if path not in state.reuse:
        return state
    return state.changed({"reuse": {other: one for other, one in state.reuse.items() if other != path}})


def _moved(state: RunState, step: StepState, event: StepChange) -> RunState:
    if step.status not in _FROM[type(event)]:
        raise IllegalTransitionError(f"{event.path!r} is {step.status}: {type(event).__name__} does not fit.")
    _check_run(state, event)
    _check_attempt(step, event)
    _check_recovering(step, event)
    changes = _CHANGES[type(event)](step, event)
    status = changes.get("status", step.status)
    if status is not step.status and status not in STEP_TRANSITIONS[step.status]:
        raise IllegalTransitionError(f"Step {event.path!r} is {step.status} and cannot become {status}.")
    run = _changed_run(state, step, event, changes)
    entries: dict[str, StepState | None] = {event.path: step.changed(changes)}
    if isinstance(event, StepSucceeded):
        entries |= dict.fromkeys(event.left)
        if step.undoes is not None:
            entries |= _undone(state, step.undoes)
    run["steps"] = state.steps.with_changes(entries)
    moved = state.changed(run)
    if isinstance(event, StepRecovering):
        moved = with_new_steps(moved, f"{event.path}.on_error.", event.steps)
    if state.progress is not None:
        state.progress.note(step, moved.steps[event.path])
    return moved


def _changed_run(state: RunState, step: StepState, event: StepChange, changes: _Changes) -> _Changes:
    """Return what changes beside the step; `changes` gains what depends on the run."""
    run: _Changes = {}
    if isinstance(event, _SPENDING) and event.usage is not NO_USAGE and event.usage != NO_USAGE:
        if step.kind in ("loop", ITEM):
            changes["usage"] = event.usage
        else:
            run["usage"] = state.usage.plus(event.usage)
            changes["usage"] = step.usage.plus(event.usage)
    if isinstance(event, StepSucceeded):
        if event.left:
            changes["floor"] = _floor(state, step, event.left)
        if step.kind != ITEM and not event.recovered:
            run["ended"] = changes["ended"] = state.ended + 1
    return run


def _floor(state: RunState, step: StepState, left: tuple[str, ...]) -> int:
    entries = (state.steps.get(path) for path in left)
    return max(max(step.floor, one.attempt, one.floor) if one else step.floor for one in entries)


def _undone(state: RunState, path: str) -> dict[str, StepState | None]:
    """Mark a step that was taken back, and the loops it stands in, which have to run anew then."""
    marked = dict[str, StepState | None]()
    for one in (path, *(path[: end.start()] for end in _ITEM_START.finditer(path))):
        owner = state.steps.get(one)
        if owner is not None:
            marked[one] = owner.changed({"undone": True})
    return marked


def _check_run(state: RunState, event: StepChange) -> None:
    """Nothing starts in a run that is stopping, and nothing at all happens in one that has ended."""
    if state.status.is_terminal or state.status is RunStatus.QUEUED:
        raise IllegalTransitionError(f"Run {state.run.id!r} is {state.status}; {event.path!r} cannot change.")
    is_stopping = state.ending is not None and state.ending.stage == "stopping"
    if is_stopping and not isinstance(event, _WHILE_STOPPING):
        raise IllegalTransitionError(f"Run {state.run.id!r} is stopping; {event.path!r} cannot go on.")
    if state.status is RunStatus.PAUSED and isinstance(event, _STARTING):
        raise IllegalTransitionError(f"Run {state.run.id!r} is paused; {event.path!r} cannot start.")


def _check_attempt(step: StepState, event: StepChange) -> None:
    if isinstance(event, (*_UNNUMBERED, ItemStarted, UndoStarted)):
        return
    begins = step.status is StepStatus.PENDING or isinstance(event, StepRetrying)
    expected = step.attempt + 1 if begins else step.attempt
    if event.attempt != expected:
        raise IllegalTransitionError(
            f"Step {event.path!r} expects attempt {expected}; the event is of attempt {event.attempt}."
        )


def _check_recovering(step: StepState, event: StepChange) -> None:
    """The attempt of a step that recovers has ended: only its recovery decides what becomes of it."""
    if step.recovering is None or isinstance(event, StepCancelled):
        return
    is_its_end = (isinstance(event, StepSucceeded) and event.recovered) or (
        isinstance(event, StepFailed) and event.origin is not None
    )
    if not is_its_end:
        raise IllegalTransitionError(f"{event.path!r} recovers: its attempt has ended already.")


def _check_decided(step: StepState) -> None:
    """A step that waits for people goes on when they have decided."""
    if step.status is StepStatus.WAITING and step.decided is None:
        raise IllegalTransitionError(f"{step.path!r} waits: nobody has decided.")


def _queued(step: StepState, event: StepQueued) -> _Changes:
    _check_decided(step)
    changes: _Changes = {"status": StepStatus.QUEUED, "attempt": event.attempt, "wake_at": None}
    request = step.decision
    if request is not None:
        changes |= {"decision": None, "decided": None}
    return changes


def _begun(step: StepState, event: StepStarted | StepWaiting | LoopStarted | ChildRunStarted) -> _Changes:
    return {"attempt": event.attempt, "started_at": step.started_at or event.at, "wake_at": None}


def _started(step: StepState, event: StepStarted) -> _Changes:
    return _begun(step, event) | {"status": StepStatus.RUNNING, "deadline_at": event.deadline_at}


def _waiting(step: StepState, event: StepWaiting) -> _Changes:
    _check_decided(step)
    return _begun(step, event) | {
        "status": StepStatus.WAITING,
        "wake_at": event.wake_at,
        "deadline_at": None,
        "decision": event.decision,
        "decided": None,
        "waits_for": event.waits_for,
        "error": event.error,
    }


def _decided(step: StepState, event: StepDecided) -> _Changes:
    if step.decision is None or step.decided is not None:
        raise IllegalTransitionError(f"{event.path!r} waits for no decision.")
    by_clock = event.by is None
    if event.decision not in step.decision.allow and not by_clock:
        raise IllegalTransitionError(f"{event.path!r} does not allow {event.decision!r}.")
    decided = Decision(
        decision=event.decision, by=event.by, at=event.at, comment=event.comment, data=event.data
    )
    changes: _Changes = {"decided": decided, "wake_at": None}
    if step.decision.rule is not None and event.decision == "approve":
        changes["approved"] = (*step.approved, step.decision.rule)
    return changes


def _escalated(step: StepState, event: StepEscalated) -> _Changes:
    request = step.decision
    if request is None or request.escalation is None or step.decided is not None:
        raise IllegalTransitionError(f"{event.path!r} has nobody else to ask.")
    to = [*request.to, *(one for one in event.to if one not in request.to)]
    widened = request.model_copy(update={"to": to, "escalation": None})
    return {"decision": widened, "wake_at": event.wake_at}


def _received(step: StepState, event: EventReceived) -> _Changes:
    if step.waits_for is None or step.waits_for.name != event.name:
        raise IllegalTransitionError(f"{event.path!r} does not wait for {event.name!r}.")
    return _ended(step, event, StepStatus.SUCCEEDED) | {"output": event.data, "refs": refs_in(event.data)}


def _child_started(step: StepState, event: ChildRunStarted) -> _Changes:
    _check_decided(step)
    return _begun(step, event) | {
        "status": StepStatus.RUNNING,
        "child": ChildRun(run_id=event.run_id),
        "decision": None,
        "decided": None,
    }


def _child_ended(step: StepState, event: ChildRunEnded) -> _Changes:
    child = step.child
    if child is None or child.run_id != event.run_id or child.status is not None:
        raise IllegalTransitionError(f"{event.path!r} does not wait for run {event.run_id!r}.")
    return {
        "child": ChildRun(run_id=event.run_id, status=event.status, outputs=event.outputs, error=event.error)
    }


def _loop_started(step: StepState, event: LoopStarted) -> _Changes:
    return _begun(step, event) | {"status": StepStatus.RUNNING, "over": event.over}


def _ended(
    step: StepState, event: StepSucceeded | StepFailed | EventReceived, status: StepStatus
) -> _Changes:
    return {
        "status": status,
        "attempt": event.attempt,
        "started_at": step.started_at or event.at,
        "finished_at": event.at,
        "wake_at": None,
        "deadline_at": None,
        "waits_for": None,
        "recovering": None,
    }


def _succeeded(step: StepState, event: StepSucceeded) -> _Changes:
    return _ended(step, event, StepStatus.SUCCEEDED) | {
        "output": event.output,
        "refs": refs_in(event.output),
        "recovered": event.recovered,
        "over": step.over if event.keeps_items else None,
        "error": step.recovering if event.recovered else None,
    }


def _failed(step: StepState, event: StepFailed) -> _Changes:
    return _ended(step, event, StepStatus.FAILED) | {"error": event.error, "origin": event.origin}


def _retrying(_step: StepState, event: StepRetrying) -> _Changes:
    return {
        "status": StepStatus.RETRYING,
        "attempt": event.attempt,
        "wake_at": event.wake_at,
        "error": event.error,
        "deadline_at": None,
        "child": None,
    }


def _replaced(_step: StepState, event: StepReplaced) -> _Changes:
    return {
        "status": StepStatus.QUEUED,
        "model_override": event.model,
        "wake_at": None,
        "deadline_at": None,
        "decision": None,
        "decided": None,
    }


def _recovering(step: StepState, event: StepRecovering) -> _Changes:
    return {
        "status": StepStatus.RUNNING,
        "attempt": event.attempt,
        "started_at": step.started_at or event.at,
        "recovering": event.error,
        "recovered_from": RunError(
            code=event.error.code, message=event.error.message, step=event.origin or step.path
        ),
        "origin": event.origin,
        "error": event.error,
        "wake_at": None,
        "deadline_at": None,
        "waits_for": None,
    }


def _reused(_step: StepState, event: StepReused) -> _Changes:
    return {
        "status": StepStatus.REUSED,
        "output": event.output,
        "refs": refs_in(event.output),
        "reused_from": event.run_id,
        "finished_at": event.at,
    }


def _skipped(_step: StepState, event: StepSkipped) -> _Changes:
    return {"status": StepStatus.SKIPPED, "finished_at": event.at, "unreached": event.unreached}


def _cancelled(_step: StepState, event: StepCancelled) -> _Changes:
    return {
        "status": StepStatus.CANCELLED,
        "finished_at": event.at,
        "wake_at": None,
        "deadline_at": None,
        "recovering": None,
        "waits_for": None,
    }


_Change = Callable[[StepState, StepChange], _Changes]
_CHANGES: Final = cast(
    dict[type, _Change],
    {
        StepQueued: _queued,
        StepStarted: _started,
        StepWaiting: _waiting,
        StepDecided: _decided,
        StepEscalated: _escalated,
        EventReceived: _received,
        ChildRunStarted: _child_started,
        ChildRunEnded: _child_ended,
        LoopStarted: _loop_started,
        StepSucceeded: _succeeded,
        StepFailed: _failed,
        StepRetrying: _retrying,
        StepReplaced: _replaced,
        StepRecovering: _recovering,
        StepReused: _reused,
        StepSkipped: _skipped,
        StepCancelled: _cancelled,
    },
)
