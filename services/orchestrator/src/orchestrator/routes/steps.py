"""What agents ask about the steps they carry out."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request

from flowloom_contracts.agents import (
    ClaimStep,
    CompleteStep,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import ForbiddenError, problems
from flowloom_servicekit.identity import ServiceIdentity
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import (
    RunBusyError,
    RunNotFoundError,
)
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import work_on_steps

_worker = caller(AGENT_APP_IDS)
MANDATED_AT: Final = (AppId.MEMORY, AppId.GATEWAY, AppId.ORCHESTRATOR)
"""Where an agent acts for a workspace; the orchestrator itself reads a mandate to renew it."""

steps = APIRouter(
    prefix="/internal/steps",
    dependencies=[Depends(_worker)],
    responses=ALWAYS | problems(RunNotFoundError, RunBusyError),
)


async def _identity(request: Request) -> ServiceIdentity:  # a plain function would hop to a thread
    identity: ServiceIdentity = request.app.state.identity
    return identity


Worker = Annotated[str, Depends(_worker)]
Signer = Annotated[ServiceIdentity, Depends(_identity)]


@steps.post("/claim")
async def claim_step(body: ClaimStep, parts: Parts, worker: Worker, signer: Signer) -> StepClaim:
    """Take the lease of one attempt."""
    claim = await work_on_steps.claim_step(body, gate=parts.gate, clock=parts.clock)
    # The event that the step has started comes before the text of whoever started it.
    await parts.relay.settled(body.run_id)
    if claim.task is None or claim.workspace_id is None:
        return claim
    mandate = signer.mandate(worker, MANDATED_AT, workspace_id=claim.workspace_id, run_id=body.run_id)
    return claim.model_copy(update={"mandate": mandate})


@steps.post("/heartbeat")
async def heartbeat_step(body: Heartbeat, parts: Parts, worker: Worker, signer: Signer) -> HeartbeatAnswer:
    """Renew a lease, and the mandate of whoever holds it."""
    answer = await work_on_steps.heartbeat_step(body, runs=parts.runs, clock=parts.clock)
    if not answer.ok or body.mandate is None:
        return answer
    return answer.model_copy(update={"mandate": _renewed(signer, body.mandate, worker, body.run_id)})


@steps.post("/complete")
async def complete_step(body: CompleteStep, parts: Parts) -> StepCompletion:
    """End an attempt."""
    return await work_on_steps.complete_step(body, gate=parts.gate, clock=parts.clock)


def _renewed(signer: ServiceIdentity, mandate: str, worker: str, run_id: str) -> str | None:
    """Return a new mandate for one of the same run; the workspace is what the old one says.

    None for any other: the worker still has to hear that its step goes on.
    """
    try:
        old = signer.verify_mandate(mandate, issuer=signer.app_id, holder=worker)
    except ForbiddenError:
        return None
    if old.workspace_id is None or old.run_id != run_id:
        return None
    return signer.mandate(worker, MANDATED_AT, workspace_id=old.workspace_id, run_id=run_id)
