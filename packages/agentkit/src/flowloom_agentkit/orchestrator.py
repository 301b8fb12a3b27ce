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
from flowloom_servicekit.mandates import MandateBook

# A heartbeat that is slower than this is of no use: the next one is due.
HEARTBEAT_TIMEOUT_S: Final = 3.0


class InvokedOrchestrator:
    """An `Orchestrator`; every call is idempotent."""

    def __init__(self, invoker: Invoker, mandates: MandateBook) -> None:
        self._invoker = invoker
        self._mandates = mandates

    async def claim(self, request: ClaimStep) -> StepClaim:
        """Take the lease of one attempt, and the mandate that comes with it."""
        claim = await self._invoker.call(AppId.ORCHESTRATOR, "steps/claim", request, StepClaim)
        if claim.mandate is not None and claim.workspace_id is not None:
            self._mandates.keep(claim.mandate, workspace_id=claim.workspace_id, run_id=request.run_id)
        return claim

    async def heartbeat(self, request: Heartbeat) -> HeartbeatAnswer:
        """Renew both."""
        due = self._mandates.due(request.run_id)
        answer = await self._invoker.call(
            AppId.ORCHESTRATOR,
            "steps/heartbeat",
            request if due is None else request.model_copy(update={"mandate": due}),
            HeartbeatAnswer,
            timeout_s=HEARTBEAT_TIMEOUT_S,
        )
        if answer.mandate is not None:
            self._mandates.renewed(answer.mandate, run_id=request.run_id)
        return answer

    async def complete(self, request: CompleteStep) -> StepCompletion:
        """Hand in, or only have judged, an answer."""
        return await self._invoker.call(AppId.ORCHESTRATOR, "steps/complete", request, StepCompletion)
