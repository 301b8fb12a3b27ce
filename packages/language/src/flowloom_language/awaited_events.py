"""Whether an event that has come is the one that a step waits for."""

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import StepStatus
from flowloom_contracts.steps.wait import WaitStep
from flowloom_language.plan import Plan
from flowloom_language.scopes import NO_VALUES, Values, holds, step_scope
from flowloom_language.state import RunState


def fits(plan: Plan, state: RunState, path: str, event: JsonObject, *, values: Values = NO_VALUES) -> bool:
    """Whether `event {name, data, at}` ends the wait at a path; raises ExpressionError from its `match`."""
    step, written = state.steps.get(path), plan.at(path).step
    if step is None or step.status is not StepStatus.WAITING or step.waits_for is None:
        return False
    if step.waits_for.name != event.get("name") or not isinstance(written, WaitStep):
        return False
    match = written.wait.event.match if written.wait.event else None
    return match is None or holds(match, {**step_scope(plan, state, path, values), "event": event})
