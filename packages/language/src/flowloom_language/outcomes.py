"""What a kind that only computes can answer, and where its module is found."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol, TypeAlias, cast

from flowloom_contracts.base import JsonValue
from flowloom_contracts.workflow import Step
from flowloom_language.expressions.evaluator import Scope


@dataclass(frozen=True, slots=True)
class Done:
    """The step has ended with this output."""

    output: JsonValue


@dataclass(frozen=True, slots=True)
class Sleep:
    """The step goes on after so many seconds and then ends with null."""

    seconds: float


Outcome: TypeAlias = Done | Sleep


class StepModule(Protocol):
    """What every module in `steps/` offers."""

    def run(self, step: Step, scope: Scope) -> Outcome:
        """Compute the step; raises ExpressionError."""
        ...


@cache
def load(kind: str) -> StepModule:
    """Return the module of a kind; its file is named like the kind."""
    return cast(StepModule, import_module(f"flowloom_language.steps.{kind}"))
