"""What expressions see during a run, and the written values that must become a certain kind."""

from collections.abc import Mapping
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.durations import parse_duration
from flowloom_contracts.runs import RunError, StepError
from flowloom_contracts.steps.loop import LoopOver, LoopStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.templates import render, render_text
from flowloom_language.expressions.values import integer, kind, number, printed
from flowloom_language.large_values import refs_in, with_values
from flowloom_language.places import Frame, locate
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState

Values = Mapping[str, JsonValue]
NO_VALUES: Final[Values] = {}


class StepsInSight(dict[str, JsonValue]):
    """`steps`: a step of the innermost frame that has one of this name; looked up when it is named."""

    def __init__(self, state: RunState, frame: Frame, values: Values) -> None:
        super().__init__()
        self._state = state
        self._frame = frame
        self._values = values

    def __contains__(self, name: object) -> bool:
        if super().__contains__(name):
            return True
        found = self._find(str(name))
        if found is not None:
            self[str(name)] = _seen(found, self._values)
        return found is not None

    def __missing__(self, name: str) -> JsonValue:
        if name in self:
            return super().__getitem__(name)
        raise KeyError(name)

    def _find(self, name: str) -> StepState | None:
        frame: Frame | None = self._frame
        while frame is not None:
            if name in frame.block.positions:
                return self._state.steps.get(frame.prefix + name)
            frame = frame.outer
        return None


def _seen(step: StepState, values: Values) -> JsonObject:
    return {
        "output": with_values(step.output, values) if step.refs and values else step.output,
        "status": step.status.value,
        "error": step.error.model_dump(mode="json") if step.error else None,
        "usage": {"tokens": step.usage.tokens, "usd": step.usage.usd_micro / 1e6},
    }


def step_scope(plan: Plan, state: RunState, path: str, values: Values = NO_VALUES) -> Scope:
    """Return the scope that the step at a path stands in."""
    return frame_scope(state, locate(plan, path).frame, values)


def frame_scope(state: RunState, frame: Frame, values: Values = NO_VALUES) -> Scope:
    """Return the scope inside a frame; inner variables hide outer ones."""
    inputs = with_values(state.inputs, values) if values and refs_in(state.inputs) else state.inputs
    scope: dict[str, JsonValue] = {
        "inputs": inputs,
        "run": state.run.scope(),
        "steps": StepsInSight(state, frame, values),
    }
    if frame.kind != "run":
        _add_variables(scope, state, frame, values)
    return scope


def _add_variables(scope: dict[str, JsonValue], state: RunState, frame: Frame, values: Values) -> None:
    if frame.outer is not None:
        _add_variables(scope, state, frame.outer, values)
    if frame.kind == "item":
        _add_item(scope, state, frame, values)
    elif frame.kind == "recovery":
        owner = state.steps.get(frame.owner or "")
        error = owner.recovering if owner else None
        scope["error"] = seen_error(error, (owner.origin if owner else None) or frame.owner)
    elif frame.kind == "on_failure":
        scope["error"] = seen_error(state.ending.error if state.ending else state.error)


def _add_item(scope: dict[str, JsonValue], state: RunState, frame: Frame, values: Values) -> None:
    loop = state.steps.get(frame.loop_path)
    written = frame.loop.step if frame.loop else None
    if loop is None or not isinstance(written, LoopStep):
        return
    scope["index"] = frame.index
    if isinstance(written.loop, LoopOver):
        item = loop.over[frame.index] if loop.over is not None else None
        scope[written.loop.variable] = with_values(item, values) if values else item
    else:
        before = state.steps.get(f"{frame.loop_path}[{frame.index - 1}]")
        output = before.output if before else None
        scope["previous"] = with_values(output, values) if values else output


def seen_error(error: StepError | RunError | None, step: str | None = None) -> JsonValue:
    """Return an error as expressions see it."""
    if error is None:
        return None
    return {"code": error.code, "message": error.message, "step": getattr(error, "step", None) or step}


def holds(condition: str, scope: Scope) -> bool:
    """Return the value of a condition; raises ExpressionError unless it is true or false."""
    value = render_text(condition, scope)
    if not isinstance(value, bool):
        raise ExpressionError(f"A condition needs true or false, not {kind(value)}.")
    return value


def seconds(written: str, scope: Scope) -> float:
    """Return a duration that may be a template."""
    value = render_text(written, scope)
    if not isinstance(value, str):
        raise ExpressionError(f"A duration is a text such as 10s, not {kind(value)}.")
    try:
        return parse_duration(value)
    except ValueError as error:
        raise ExpressionError(str(error)) from error


def text_of(written: str, scope: Scope) -> str:
    """Return a text with its templates filled in."""
    return printed(render_text(written, scope), Meter())


def number_of(written: float | str | None, scope: Scope, *, purpose: str, most: float) -> float | None:
    """Return a number from 0 to `most` that may be a template."""
    if written is None:
        return None
    value = number(render(written, scope), purpose)
    if not 0 <= value <= most:
        raise ExpressionError(f"{purpose} is between 0 and {most}, not {value}.")
    return value


def count_of(written: int | str | None, scope: Scope, *, purpose: str, most: int) -> int | None:
    """Return a whole number from 1 to `most` that may be a template."""
    if written is None:
        return None
    value: JsonValue = render(written, scope)
    found = integer(value, purpose)
    if not 1 <= found <= most:
        raise ExpressionError(f"{purpose} is between 1 and {most}, not {found}.")
    return found
