"""Computes a `workflow` step: which workflow runs, and with what."""

from datetime import datetime

from flowloom_contracts.steps.workflow import WorkflowStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render
from flowloom_language.expressions.values import kind
from flowloom_language.outcomes import Call


def run(step: WorkflowStep, scope: Scope, *, now: datetime) -> Call:
    """Return the call; without `@VERSION` it is the published version."""
    del now
    inputs = render(step.inputs, scope)
    if not isinstance(inputs, dict):
        raise ExpressionError(f"The inputs of a workflow are a map, not {kind(inputs)}.")
    name, _, version = step.workflow.partition("@")
    return Call(name, int(version) if version else None, inputs, step.mode)
