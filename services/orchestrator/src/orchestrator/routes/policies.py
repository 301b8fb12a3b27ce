"""What the gateway tells of the settings of workspaces."""

from fastapi import APIRouter, Depends

from flowloom_contracts.preferences import PolicySet, WorkspacePolicy
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from orchestrator.dependencies import Parts
from orchestrator.routes.refusals import ALWAYS

policies = APIRouter(
    prefix="/internal/policies", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)


@policies.post("/set")
async def set_policy(body: WorkspacePolicy, parts: Parts) -> PolicySet:
    """Keep what a workspace has decided; told again or late it changes nothing."""
    return PolicySet(revision=await parts.policies.put(body))
