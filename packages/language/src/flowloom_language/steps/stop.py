"""Computes a `stop` step: how the run ends."""

from datetime import datetime

from flowloom_contracts.steps.stop import StopStep
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import End
from flowloom_language.scopes import text_of


def run(step: StopStep, scope: Scope, *, now: datetime) -> End:
    """Return the run's status and why."""
    del now
    message = None if step.stop.message is None else text_of(step.stop.message, scope)
    match text_of(step.stop.status, scope):
        case "succeeded":
            return End("succeeded", message)
        case "failed":
            return End("failed", message)
        case other:
            raise ExpressionError(f"A run stops as succeeded or failed, not {other[:40]!r}.")
