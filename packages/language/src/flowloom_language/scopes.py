"""What expressions see during a run, and the written values that must become a certain kind."""

from collections.abc import Iterable

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.durations import parse_duration
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.templates import render, render_text
from flowloom_language.expressions.values import integer, kind, number, printed
from flowloom_language.plan import PlanStep
from flowloom_language.state import RunState, StepState


def step_scope(step: PlanStep, state: RunState) -> Scope:
    """Return the scope of a step: only the steps it has edges from can be named in it."""
    return run_scope(state, (edge.source for edge in step.edges))


def run_scope(state: RunState, sources: Iterable[str]) -> Scope:
    """Return the scope with these steps in it."""
    return {
        "inputs": state.inputs,
        "run": state.run.scope(),
        "steps": {source: _seen(state.steps[source]) for source in sources},
    }


def _seen(step: StepState) -> JsonObject:
    return {
        "output": step.output,
        "status": step.status.value,
        "error": step.error.model_dump(mode="json") if step.error else None,
        "usage": {"tokens": step.usage.tokens, "usd": step.usage.usd_micro / 1e6},
    }


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
