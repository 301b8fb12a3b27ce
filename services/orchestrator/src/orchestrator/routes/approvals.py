"""What the gateway asks about the inbox."""

from fastapi import APIRouter, Depends

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, ApprovalRef, Decide
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.domain.deciding import (
    AlreadyDecidedError,
    ApprovalNotFoundError,
    InvalidDecisionError,
    NotYourDecisionError,
)
from orchestrator.domain.errors import InvalidCursorError, RunBusyError
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import decide_approvals

approvals = APIRouter(
    prefix="/internal/approvals", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)


@approvals.post("/list", responses=problems(InvalidCursorError))
async def list_approvals(body: ApprovalQuery, parts: Parts) -> ApprovalList:
    """Return a page of the inbox, newest first."""
    return await decide_approvals.list_approvals(body, approvals=parts.approvals)


@approvals.post("/get", responses=problems(ApprovalNotFoundError))
async def get_approval(body: ApprovalRef, parts: Parts) -> Approval:
    """Return one item."""
    return await decide_approvals.get_approval(body, approvals=parts.approvals)


@approvals.post(
    "/decide",
    responses=problems(
        ApprovalNotFoundError, AlreadyDecidedError, InvalidDecisionError, NotYourDecisionError, RunBusyError
    ),
)
async def decide_approval(body: Decide, parts: Parts) -> Approval:
    """Decide, or vote; the first decision wins."""
    return await decide_approvals.decide_approval(
        body, approvals=parts.approvals, policies=parts.policies, gate=parts.gate, clock=parts.clock
    )
