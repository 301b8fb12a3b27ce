"""The inbox: what waits for people, and their decisions."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

from flowloom_contracts.approvals import Approval, ApprovalList, ApprovalQuery, DecisionBody
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import ApprovalDecider, ApprovalReader, PageCursor, PageLimit
from gateway.usecases import control as usecases
from gateway.usecases.workflows import WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/approvals",
    tags=["approvals"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
Status = Annotated[
    Literal["open", "decided", "expired", "withdrawn", "all"], Query(description="`all` for every one.")
]


@router.get("")
async def list_approvals(
    *,
    principal: ApprovalReader,
    parts: PartsOf,
    status: Status = "open",
    run_id: Annotated[str | None, Query(max_length=36)] = None,
    mine: Annotated[bool, Query(description="Only what the asking person may decide.")] = False,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> ApprovalList:
    """List what waits for people, newest first."""
    wanted = None if status == "all" else status
    actor = principal.actor
    query = ApprovalQuery(actor=actor, status=wanted, run_id=run_id, mine=mine, cursor=cursor, limit=limit)
    return await parts.approvals.page(query)


@router.get("/{approval_id}", responses=problems(usecases.ApprovalNotFoundError))
async def get_approval(approval_id: str, principal: ApprovalReader, parts: PartsOf) -> Approval:
    """Return one item with its votes."""
    return await parts.approvals.get(usecases.approval_ref(approval_id, principal))


@router.post(
    "/{approval_id}/decision",
    responses=problems(
        usecases.ApprovalNotFoundError,
        usecases.AlreadyDecidedError,
        usecases.NotYourDecisionError,
        ForbiddenError,
        WorkflowNotSharedError,
    ),
)
async def decide_approval(
    approval_id: str, body: DecisionBody, principal: ApprovalDecider, parts: PartsOf
) -> Approval:
    """Decide; the first decision wins, and a later one is told who was first."""
    return await parts.approvals.decide(usecases.decision(approval_id, body, principal))
