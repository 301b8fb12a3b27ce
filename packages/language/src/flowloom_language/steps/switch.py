"""Computes a `switch` step: the first case that holds chooses the steps that run."""

from flowloom_contracts.steps.switch import ElseCase, SwitchStep
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.outcomes import Done
from flowloom_language.plan import case_targets
from flowloom_language.scopes import holds


def run(step: SwitchStep, scope: Scope) -> Done:
    """Return `{chosen: [ids]}`; nobody is chosen when no case holds and there is no `else`."""
    for position, case in enumerate(step.switch):
        if isinstance(case, ElseCase) or holds(case.when, scope):
            return Done({"chosen": [*case_targets(step, position)]})
    return Done({"chosen": []})
