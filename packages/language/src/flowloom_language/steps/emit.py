"""Computes an `emit` step: the event that goes out."""

from datetime import datetime

from flowloom_contracts.steps.emit import EmitStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render
from flowloom_language.outcomes import Tell
from flowloom_language.scopes import text_of

_LONGEST_TOPIC = 128


def run(step: EmitStep, scope: Scope, *, now: datetime) -> Tell:
    """Return topic and data."""
    del now
    topic = text_of(step.emit.topic, scope)
    if not 0 < len(topic) <= _LONGEST_TOPIC:
        raise ExpressionError(f"A topic has 1 to {_LONGEST_TOPIC} characters, not {len(topic)}.")
    return Tell(topic, render(step.emit.data, scope))
