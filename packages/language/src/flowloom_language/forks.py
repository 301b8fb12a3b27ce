"""A run that starts from another one: what it reuses, and what runs again."""

from collections.abc import Mapping
from dataclasses import dataclass

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.forks import ForkReport, StepOverride
from flowloom_language.fork_points import ForkPoints, UnknownForkStepError, known_path
from flowloom_language.fork_walk import ForkWalk, is_different_inside
from flowloom_language.large_values import defused
from flowloom_language.plan import Plan
from flowloom_language.state import Override, Reuse, RunFacts, RunState, initial_state

__all__ = ["ForkRequest", "UnknownForkStepError", "fork_points", "fork_state", "pinned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkRequest:
    """From which step, with which other inputs and changes."""

    from_step: str
    inputs: JsonObject | None = None
    overrides: Mapping[str, StepOverride]
    pins: Mapping[str, JsonValue]

    @classmethod
    def of(
        cls,
        from_step: str,
        *,
        inputs: JsonObject | None = None,
        overrides: Mapping[str, StepOverride] | None = None,
        pins: Mapping[str, JsonValue] | None = None,
    ) -> "ForkRequest":
        """Return a request; what is not given stays as it was."""
        return cls(from_step=from_step, inputs=inputs, overrides=overrides or {}, pins=pins or {})


def fork_state(
    plan: Plan, facts: RunFacts, request: ForkRequest, *, old_plan: Plan, old_state: RunState
) -> tuple[RunState, ForkReport]:
    """Return the state of the new run and what it will do; raises UnknownForkStepError.

    The step, every step that is written differently or changed, and all that depends on them run again,
    over edges of any kind; other steps that succeeded are reused, and so are given outputs. A loop, or the
    `on_error` of a step, is gone into where only something inside it runs again: for that, `old_state` has
    the entries that `ForkPoints` looks into. `inputs` are resolved already; without them the
    old run's stay.
    """
    inputs = old_state.inputs if request.inputs is None else request.inputs
    points = fork_points(plan, request, old_plan=old_plan)
    walk = ForkWalk(points, old_state, has_new_inputs=inputs != old_state.inputs)
    walk.check_reached(plan)
    walk.block(plan.block, old_plan.block)
    state = initial_state(facts, inputs, plan, reuse=walk.reuse, overrides=_overrides(request))
    return state, walk.report()


def fork_points(plan: Plan, request: ForkRequest, *, old_plan: Plan) -> ForkPoints:
    """Return where a fork differs from the old run; raises UnknownForkStepError."""
    for path in (*request.overrides, *request.pins):
        known_path(plan, path)
    written = {path: one.output for path, one in request.overrides.items() if one.has_output}
    given = {path: defused(output) for path, output in {**request.pins, **written}.items()}
    for path in given:
        _check_given(path)
    changed = {path for path, one in request.overrides.items() if not one.has_output}
    differing = (step.path for step in plan.steps if is_different_inside(step, old_plan.block.get(step.id)))
    return ForkPoints(
        start=request.from_step, changed=frozenset(changed), given=given, differing=frozenset(differing)
    )


def pinned(plan: Plan, pins: Mapping[str, JsonValue]) -> dict[str, Reuse]:
    """Return what a run reuses whose outputs are given for some steps; raises UnknownForkStepError."""
    for path in pins:
        known_path(plan, path)
        _check_given(path)
    return {path: Reuse(output=defused(output)) for path, output in pins.items()}


def _check_given(path: str) -> None:
    if path.rpartition(".")[2] == "undo":
        raise UnknownForkStepError(f"{path!r} takes a step back: an output cannot be given for it.")


def _overrides(request: ForkRequest) -> dict[str, Override]:
    return {
        path: Override(prompt=one.prompt, model=one.model)
        for path, one in request.overrides.items()
        if one.prompt is not None or one.model is not None
    }
