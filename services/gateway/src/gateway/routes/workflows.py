"""Workflow documents."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.api import (
    SaveWorkflow,
    ValidateSource,
    Validation,
    WorkflowDocument,
    WorkflowList,
)
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, PageLimit, WorkflowReader, WorkflowWriter
from gateway.routes.workflow_filters import WantedWorkflows, WorkflowCursor
from gateway.usecases import workflows as usecases

router: Final = APIRouter(
    prefix="/v1",
    tags=["workflows"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)


@router.post("/workflows", status_code=201, responses=problems(usecases.WorkflowNameTakenError))
async def create_workflow(
    body: SaveWorkflow, response: Response, principal: WorkflowWriter, parts: PartsOf
) -> WorkflowDocument:
    """Store a new workflow; a document with problems is stored too, as a draft that cannot run."""
    document = await usecases.create_workflow(
        body, principal, workflows=parts.workflows, agents=parts.desk.agent_book, clock=parts.clock
    )
    response.headers["location"] = f"/v1/workflows/{document.id}"
    response.headers["etag"] = document.etag
    return document


@router.get("/workflows")
async def list_workflows(
    *,
    principal: WorkflowReader,
    parts: PartsOf,
    wanted: WantedWorkflows,
    cursor: WorkflowCursor = None,
    limit: PageLimit = 50,
) -> WorkflowList:
    """List workflows without their texts; a page stays right while others are made."""
    return await usecases.list_workflows(
        wanted, principal, cursor=cursor, limit=limit, workflows=parts.workflows
    )


@router.get("/workflows/{workflow_id}", responses=problems(usecases.WorkflowNotFoundError))
async def get_workflow(
    workflow_id: str, response: Response, principal: WorkflowReader, parts: PartsOf
) -> WorkflowDocument:
    """Return a workflow with its draft."""
    document = await usecases.read_workflow(workflow_id, principal, workflows=parts.workflows)
    response.headers["etag"] = document.etag
    return document


@router.put(
    "/workflows/{workflow_id}",
    responses=problems(
        usecases.WorkflowNotFoundError,
        ForbiddenError,
        usecases.WorkflowNotSharedError,
        usecases.WorkflowNameTakenError,
        usecases.IfMatchRequiredError,
        usecases.StaleWorkflowError,
    ),
)
async def replace_workflow(
    *,
    workflow_id: str,
    body: SaveWorkflow,
    response: Response,
    principal: WorkflowWriter,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> WorkflowDocument:
    """Save a draft over the state that `If-Match` names; what the body leaves out stays."""
    workflows, agents, clock = parts.workflows, parts.desk.agent_book, parts.clock
    document = await usecases.replace_workflow(
        workflow_id, body, principal, if_match=if_match, workflows=workflows, agents=agents, clock=clock
    )
    response.headers["etag"] = document.etag
    return document


@router.delete(
    "/workflows/{workflow_id}",
    status_code=204,
    responses=problems(
        usecases.WorkflowNotFoundError,
        ForbiddenError,
        usecases.WorkflowNotSharedError,
        usecases.StaleWorkflowError,
    ),
)
async def delete_workflow(
    workflow_id: str, principal: WorkflowWriter, parts: PartsOf, if_match: IfMatch = None
) -> None:
    """Delete a workflow with its versions and triggers; its runs stay."""
    await usecases.delete_workflow(
        workflow_id, principal, if_match=if_match, workflows=parts.workflows, clock=parts.clock
    )


@router.post("/validate")
async def validate_source(body: ValidateSource, principal: WorkflowReader, parts: PartsOf) -> Validation:
    """Return the problems of a document without storing it."""
    return await usecases.validate_source(body, principal, agents=parts.desk.agent_book)
