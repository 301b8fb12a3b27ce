"""The orchestrator over service invocation."""

from typing import Final

from flowloom_contracts.agents import (
    ClaimStep,
    CompleteStep,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

# A heartbeat that is slower than this is of no use: the next one is due.
HEARTBEAT_TIMEOUT_S: Final = 3.0


class InvokedOrchestrator:
    """An `Orchestrator`; every call is idempotent."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def claim(self, request: ClaimStep) -> StepClaim:
        """Take the lease of one attempt."""
        return await self._invoker.call(AppId.ORCHESTRATOR, "steps/claim", request, StepClaim)

    async def heartbeat(self, request: Heartbeat) -> HeartbeatAnswer:
        """Renew it."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "steps/heartbeat", request, HeartbeatAnswer, timeout_s=HEARTBEAT_TIMEOUT_S
        )

    async def complete(self, request: CompleteStep) -> StepCompletion:
        """Hand in, or only have judged, an answer."""
        return await self._invoker.call(AppId.ORCHESTRATOR, "steps/complete", request, StepCompletion)
