"""Computes the beginning of a `loop` step: the items it works on."""

from datetime import datetime

from flowloom_contracts.steps.loop import MAX_LOOP, LoopOver, LoopStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render
from flowloom_language.expressions.values import kind
from flowloom_language.outcomes import Repeat, StepFailure
from flowloom_language.scopes import count_of


def run(step: LoopStep, scope: Scope, *, now: datetime) -> Repeat:
    """Return the list, fixed from here on; more than `max` items are an error with code loop_limit."""
    del now
    if not isinstance(step.loop, LoopOver):
        return Repeat(None)
    over = render(step.loop.over, scope)
    if not isinstance(over, list):
        raise ExpressionError(f"A loop goes over a list, not {kind(over)}.")
    most = most_of(step, scope)
    if len(over) > most:
        raise StepFailure("loop_limit", f"The list has {len(over)} items, the loop takes at most {most}.")
    return Repeat(over)


def most_of(step: LoopStep, scope: Scope) -> int:
    """Return the most items or rounds of a loop."""
    return count_of(step.loop.max, scope, purpose="max", most=MAX_LOOP) or MAX_LOOP


def parallel_of(step: LoopStep, scope: Scope) -> int:
    """Return how many items are worked on at the same time."""
    if not isinstance(step.loop, LoopOver):
        return 1
    return count_of(step.loop.parallel, scope, purpose="parallel", most=MAX_LOOP) or 1
