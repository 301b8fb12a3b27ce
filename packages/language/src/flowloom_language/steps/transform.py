"""Computes a `transform` step: its value with the templates filled in."""

from flowloom_contracts.steps.transform import TransformStep
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render
from flowloom_language.outcomes import Done


def run(step: TransformStep, scope: Scope) -> Done:
    """Return the value."""
    return Done(render(step.transform, scope))
