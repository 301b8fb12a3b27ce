"""Computes a `wait` step: how long it sleeps."""

from flowloom_contracts.steps.wait import WaitStep
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import Sleep
from flowloom_language.scopes import seconds


def run(step: WaitStep, scope: Scope) -> Sleep:
    """Return the seconds to sleep."""
    return Sleep(seconds(step.wait.duration, scope))
