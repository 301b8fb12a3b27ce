"""Importing and exporting workflows."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.exchange import Imported, ImportWorkflow, WorkflowExport
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import WorkflowReader, WorkflowWriter
from gateway.usecases import exchange as usecases
from gateway.usecases.workflows import WorkflowNameTakenError, WorkflowNotFoundError

router: Final = APIRouter(
    prefix="/v1",
    tags=["workflows"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.post("/import", status_code=201, responses=problems(WorkflowNameTakenError))
async def import_workflow(body: ImportWorkflow, principal: WorkflowWriter, parts: PartsOf) -> Imported:
    """Store a document, a crew's `agents.yaml` and `tasks.yaml`, or another program's file as a new draft.

    Nothing of it is carried out. What cannot be said here becomes steps that say so, and is listed.
    """
    return await usecases.import_workflow(
        body, principal, workflows=parts.workflows, agents=parts.desk.agent_book, clock=parts.clock
    )


@router.get("/workflows/{workflow_id}/export", responses=problems(WorkflowNotFoundError))
async def export_workflow(workflow_id: str, principal: WorkflowReader, parts: PartsOf) -> WorkflowExport:
    """Return a workflow as it can be published: it names secrets and has none of their values."""
    return await usecases.export_workflow(workflow_id, principal, workflows=parts.workflows)
