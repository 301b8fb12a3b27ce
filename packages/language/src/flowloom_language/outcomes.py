"""What a kind that only computes can answer, and where its module is found."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Literal, Protocol, TypeAlias, cast

from flowloom_contracts.approvals import DecisionRequest
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.workflow import Step
from flowloom_language.expressions.evaluator import Scope


@dataclass(frozen=True, slots=True)
class Done:
    """The step has ended with this output."""

    output: JsonValue


@dataclass(frozen=True, slots=True)
class Sleep:
    """The step goes on at this time and then ends with null."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A person decides."""

    request: DecisionRequest


@dataclass(frozen=True, slots=True)
class Listen:
    """An event of this name ends the step; when none has come in time, it fails."""

    name: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A loop begins: over these items, or until something holds."""

    over: list[JsonValue] | None


@dataclass(frozen=True, slots=True)
class Tell:
    """An event goes out; the step ends with its id."""

    topic: str
    data: JsonValue


@dataclass(frozen=True, slots=True)
class Call:
    """Another workflow runs."""

    workflow: str
    version: int | None
    inputs: JsonObject
    mode: Literal["wait", "detach"]


@dataclass(frozen=True, slots=True)
class End:
    """The run ends."""

    status: Literal["succeeded", "failed"]
    message: str | None


Outcome: TypeAlias = Done | Sleep | Ask | Listen | Repeat | Tell | Call | End


class StepFailure(Exception):
    """The step cannot begin; `code` is one of the language."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class StepModule(Protocol):
    """What every module in `steps/` offers."""

    def run(self, step: Step, scope: Scope, *, now: datetime) -> Outcome:
        """Compute the step; raises ExpressionError or StepFailure."""
        ...


@cache
def load(kind: str) -> StepModule:
    """Return the module of a kind; its file is named like the kind."""
    return cast(StepModule, import_module(f"flowloom_language.steps.{kind}"))
