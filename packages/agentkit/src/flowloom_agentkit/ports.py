"""What a step's execution needs from outside."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from flowloom_agentkit.tools import AgentTool
from flowloom_contracts.agents import (
    ClaimStep,
    CompleteStep,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_modelkit.requests import ModelAnswer, ModelRequest


class Orchestrator(Protocol):
    """Gives out steps and takes their results."""

    async def claim(self, request: ClaimStep) -> StepClaim:
        """Take the lease of one attempt."""

    async def heartbeat(self, request: Heartbeat) -> HeartbeatAnswer:
        """Renew it."""

    async def complete(self, request: CompleteStep) -> StepCompletion:
        """Hand in, or only have judged, an answer."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a runner is given: the whole question and the two ways to act, both already journaled.

    `ask` streams and may be called again with tool results; `use` runs one tool. Both raise when the step is
    stopped, and the runner lets that pass.
    """

    question: ModelRequest
    tools: tuple[AgentTool, ...]
    ask: Callable[[ModelRequest], Coroutine[Any, Any, ModelAnswer]]
    use: Callable[[AgentTool, JsonObject], Coroutine[Any, Any, JsonValue]]


class StepRunner(Protocol):
    """Answers one assignment: a crew, or in tests and demos without a model a script."""

    async def run(self, assignment: Assignment) -> str:
        """Return the text of the final answer; raises a `ModelFailure` or `CallStoppedError`."""

    def warm_up(self) -> None:
        """Make ready for a first assignment, in the background."""
