"""What a retry of a whole run leaves in place, and what runs again."""

from flowloom_contracts.runs import StepStatus
from flowloom_language.events import RunRetried
from flowloom_language.state import ITEM, RunState, StepState

_OPEN_AGAIN = (StepStatus.FAILED, StepStatus.CANCELLED)


def retried(state: RunState, event: RunRetried) -> RunState:
    """Return the state in which everything that did not succeed, or was taken back, can run again.

    Attempts go on counting. A loop that failed goes on with the items that have not succeeded; one that was
    taken back, or that reached its limit, starts anew.
    """
    anew = [step.path for step in state.steps.values() if _starts_anew(step)]
    changes: dict[str, StepState | None] = {}
    for path, step in state.steps.items():
        if any(path.startswith(f"{loop}[") for loop in anew):
            changes[path] = None
        elif (after := _after(state, step)) is not step:
            changes[path] = after
    for loop in anew:
        changes[loop] = _cleared(state.steps[loop], floor=_floor(state, loop))
    return state.changed(
        {
            "run": state.run.again(event.attempt),
            "steps": state.steps.with_changes(changes),
            "outputs": None,
            "error": None,
            "cancel_reason": None,
            "finished_at": None,
        }
    )


def _starts_anew(step: StepState) -> bool:
    if step.kind != "loop":
        return False
    is_at_limit = step.error is not None and step.error.code == "loop_limit" and step.origin is None
    return step.undone or (step.status is StepStatus.FAILED and is_at_limit)


def _floor(state: RunState, loop: str) -> int:
    inside = [step for step in state.steps.values() if step.path.startswith(f"{loop}[")]
    return max((max(step.attempt, step.floor) for step in inside), default=state.steps[loop].floor)


def _after(state: RunState, step: StepState) -> StepState:
    if step.undoes is not None:
        return step.changed({"undoes": None})
    if step.path.startswith("on_failure.") or ".on_error." in step.path:
        return step  # they begin anew when they are needed again
    if step.status in _OPEN_AGAIN and (
        step.kind == ITEM or (step.kind == "loop" and _has_begun(state, step))
    ):
        return step.changed(
            {
                "status": StepStatus.RUNNING,
                "error": None,
                "origin": None,
                "finished_at": None,
                "recovering": None,
            }
        )
    runs_again = step.status in _OPEN_AGAIN or step.unreached or step.undone or step.kind == "stop"
    return _cleared(step, floor=step.floor) if runs_again else step


def _has_begun(state: RunState, loop: StepState) -> bool:
    return loop.over is not None or f"{loop.path}[0]" in state.steps


def _cleared(step: StepState, *, floor: int) -> StepState:
    fresh = StepState.fresh(step.path, step.kind, attempt=step.attempt)
    return fresh.changed({"usage": step.usage, "floor": floor, "approved": step.approved})
