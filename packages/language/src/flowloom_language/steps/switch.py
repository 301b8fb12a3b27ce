"""Computes a `switch` step: the first case that holds chooses the steps that run."""

from datetime import datetime

from flowloom_contracts.steps.switch import ElseCase, SwitchStep
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import Done
from flowloom_language.scopes import holds


def run(step: SwitchStep, scope: Scope, *, now: datetime) -> Done:
    """Return `{chosen: [ids]}`; nobody is chosen when no case holds and there is no `else`."""
    del now
    for case in step.switch:
        if isinstance(case, ElseCase) or holds(case.when, scope):
            written = case.otherwise if isinstance(case, ElseCase) else case.then
            return Done({"chosen": [written] if isinstance(written, str) else [*written]})
    return Done({"chosen": []})
