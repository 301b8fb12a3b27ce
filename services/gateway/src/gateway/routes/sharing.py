"""With whom a workflow is shared."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.sharing import SaveSharing, Sharing
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, WorkflowReader, WorkflowWriter
from gateway.usecases import sharing as usecases
from gateway.usecases.workflows import WorkflowNotFoundError, WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/workflows/{workflow_id}/sharing",
    tags=["workflows"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, WorkflowNotFoundError),
)


@router.get("")
async def get_workflow_sharing(
    workflow_id: str, response: Response, principal: WorkflowReader, parts: PartsOf
) -> Sharing:
    """Return with whom a workflow is shared, and how far the asking person may go with it."""
    found = await usecases.read_sharing(
        workflow_id, principal, workflows=parts.workflows, store=parts.desk.shares
    )
    response.headers["etag"] = found.etag
    return found


@router.put(
    "",
    responses=problems(
        ForbiddenError,
        WorkflowNotSharedError,
        usecases.SharingLocksOutError,
        usecases.StaleSharingError,
        usecases.SharingIfMatchRequiredError,
    ),
)
async def replace_workflow_sharing(
    *,
    workflow_id: str,
    body: SaveSharing,
    response: Response,
    principal: WorkflowWriter,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> Sharing:
    """Share a workflow and its runs with some members and roles, or with the whole workspace again."""
    kept = usecases.KeptSharing(parts.desk.shares, parts.desk.sharing, parts.clock)
    saved = await usecases.save_sharing(
        workflow_id, body, principal, if_match=if_match, workflows=parts.workflows, kept=kept
    )
    response.headers["etag"] = saved.etag
    return saved
