"""What modelkit needs from outside and offers to the inside."""

from collections.abc import Callable
from typing import Protocol

from flowloom_contracts.agents import BeginCall, CallBegun, CallEnded, EndCall
from flowloom_modelkit.requests import ModelAnswer, ModelRequest
from flowloom_modelkit.stop import StopSignal

OnDelta = Callable[[str], None]
"""Takes each piece of text as it comes, on the event loop; must not block."""


class ModelCaller(Protocol):
    """Makes one streamed call."""

    async def stream(self, request: ModelRequest, *, on_delta: OnDelta, stop: StopSignal) -> ModelAnswer:
        """Return the whole answer; raises a `ModelFailure`, or `CallStoppedError` soon after a stop."""


class CallJournal(Protocol):
    """Remembers the calls of a step's attempt, so that none is paid or fired twice."""

    async def begin(self, call: BeginCall) -> CallBegun:
        """Announce a call; its answer comes back when it was made before."""

    async def end(self, call: EndCall) -> CallEnded:
        """Keep the answer of a call."""
