"""Computes a `transform` step: its value with the templates filled in."""

from datetime import datetime

from flowloom_contracts.steps.transform import TransformStep
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render
from flowloom_language.outcomes import Done


def run(step: TransformStep, scope: Scope, *, now: datetime) -> Done:
    """Return the value."""
    del now
    return Done(render(step.transform, scope))
