"""Which entries come into a run with an event: the steps of an item, `on_error`, `on_failure`, an `undo`."""

from flowloom_contracts.runs import StepStatus
from flowloom_language.errors import IllegalTransitionError
from flowloom_language.events import ItemStarted, NewSteps, StepReused, UndoStarted
from flowloom_language.large_values import refs_in
from flowloom_language.state import ITEM, RunState, StepState


def with_new_steps(state: RunState, prefix: str, steps: NewSteps, *, floor: int = 0) -> RunState:
    """Return the state with these steps about to begin; they count on from earlier lives."""
    entries: dict[str, StepState | None] = {}
    for step_id, kind in steps:
        path = prefix + step_id
        below = _items_of_earlier_life(state, path)
        entries |= dict.fromkeys(one.path for one in below)
        known = max((max(one.attempt, one.floor) for one in below), default=0)
        entries[path] = _fresh(state, path, kind, max(floor, known))
    return state.changed({"steps": state.steps.with_changes(entries)}) if entries else state


def _items_of_earlier_life(state: RunState, path: str) -> list[StepState]:
    """Return what is left of a loop that ran in an earlier attempt of the run."""
    before = state.steps.get(path)
    if before is None or before.kind != "loop":
        return []
    return [step for step in state.steps.values() if step.path.startswith(f"{path}[")]


def _fresh(state: RunState, path: str, kind: str, floor: int) -> StepState:
    before = state.steps.get(path)
    if before is not None and not before.status.is_terminal:
        raise IllegalTransitionError(f"{path!r} is {before.status} and cannot begin again.")
    known = max(floor, before.attempt if before else 0)
    fresh = StepState.fresh(path, kind, attempt=known)
    inside = max(floor, before.floor if before else 0)
    return fresh.changed({"floor": inside}) if inside else fresh


def item_started(state: RunState, event: ItemStarted) -> RunState:
    """Return the state with an item and its steps; raises IllegalTransitionError."""
    loop = state.steps.get(event.path.rpartition("[")[0])
    if loop is None or loop.kind != "loop" or loop.status is not StepStatus.RUNNING:
        raise IllegalTransitionError(f"No loop is running at {event.path!r}.")
    if event.path in state.steps:
        raise IllegalTransitionError(f"{event.path!r} has begun already.")
    item = _fresh(state, event.path, ITEM, loop.floor)
    running = item.changed(
        {"status": StepStatus.RUNNING, "attempt": item.attempt + 1, "started_at": event.at}
    )
    entries: dict[str, StepState | None] = {**dict.fromkeys(event.left), event.path: running}
    begun = state.changed({"steps": state.steps.with_changes(entries)})
    return with_new_steps(begun, f"{event.path}.", event.steps, floor=loop.floor)


def item_reused(state: RunState, event: StepReused) -> RunState:
    """Return the state with an item that does not run; raises IllegalTransitionError."""
    loop = state.steps.get(event.path.rpartition("[")[0])
    if loop is None or loop.kind != "loop" or loop.status is not StepStatus.RUNNING:
        raise IllegalTransitionError(f"No loop is running at {event.path!r}.")
    item = _fresh(state, event.path, ITEM, loop.floor).changed(
        {
            "status": StepStatus.REUSED,
            "output": event.output,
            "refs": refs_in(event.output),
            "reused_from": event.run_id,
            "usage": event.usage,
            "finished_at": event.at,
        }
    )
    steps = state.steps.with_changes({event.path: item})
    return state.changed({"steps": steps, "usage": state.usage.plus(event.usage)})


def undo_started(state: RunState, event: UndoStarted) -> RunState:
    """Return the state with the `undo` of a step; raises IllegalTransitionError."""
    owner = state.steps.get(event.of)
    if owner is None or owner.status is not StepStatus.SUCCEEDED or owner.undone:
        raise IllegalTransitionError(f"{event.of!r} has nothing to take back.")
    before = state.steps.get(event.path)
    if before is not None and before.undoes is not None:
        raise IllegalTransitionError(f"{event.of!r} is being taken back already.")
    if state.ending is None or state.ending.stage != "undo":
        raise IllegalTransitionError(f"Run {state.run.id!r} takes nothing back now.")
    entry = _fresh(state, event.path, event.kind, 0).changed({"undoes": event.of})
    return state.changed({"steps": state.steps.with_changes({event.path: entry})})
