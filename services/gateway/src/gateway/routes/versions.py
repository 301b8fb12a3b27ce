"""Versions of a workflow."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from flowloom_contracts.api import (
    Publish,
    Published,
    Restore,
    VersionDiff,
    VersionDocument,
    VersionList,
    WorkflowDocument,
)
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import (
    IfMatch,
    PageCursor,
    PageLimit,
    WorkflowPublisher,
    WorkflowReader,
    WorkflowWriter,
)
from gateway.usecases import versions as usecases
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.starting import VersionNotFoundError
from gateway.usecases.workflows import (
    IfMatchRequiredError,
    StaleWorkflowError,
    WorkflowNameTakenError,
    WorkflowNotFoundError,
    WorkflowNotSharedError,
    replace_workflow,
)

router: Final = APIRouter(
    prefix="/v1/workflows/{workflow_id}",
    tags=["versions"],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        WorkflowNotSharedError,
        WorkflowNotFoundError,
        InvalidRequestError,
        StorageUnavailableError,
    ),
)
Number = Annotated[int, Path(ge=1, lt=2**31)]
Name = Annotated[str, Query(max_length=20, description="A version's number or `draft`.")]


@router.post("/publish", status_code=201, responses=problems(InvalidWorkflowError, StaleWorkflowError))
async def publish_workflow(
    workflow_id: str, principal: WorkflowPublisher, parts: PartsOf, body: Publish | None = None
) -> Published:
    """Freeze the draft as the next version and switch its triggers on; running work stays on its own."""
    published = await usecases.publish_workflow(
        workflow_id,
        body or Publish(),
        principal,
        workflows=parts.workflows,
        versions=parts.versions,
        rules=parts.rules,
        secrets=parts.secrets,
        agents=parts.desk.agent_book,
        clock=parts.clock,
    )
    parts.hooks.forget()
    parts.relays.wake()
    return published


@router.get("/versions")
async def list_versions(
    *,
    workflow_id: str,
    principal: WorkflowReader,
    parts: PartsOf,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> VersionList:
    """List the versions, newest first."""
    return await usecases.list_versions(
        workflow_id,
        principal,
        cursor=cursor,
        limit=limit,
        workflows=parts.workflows,
        versions=parts.versions,
    )


@router.get("/versions/diff", responses=problems(WorkflowNotFoundError, VersionNotFoundError))
async def compare_versions(
    *, workflow_id: str, before: Name, after: Name, principal: WorkflowReader, parts: PartsOf
) -> VersionDiff:
    """Compare two versions, or a version and the draft: lines, and steps by their paths."""
    return await usecases.compare_versions(
        workflow_id,
        principal,
        before=before,
        after=after,
        workflows=parts.workflows,
        versions=parts.versions,
    )


@router.get("/versions/{version}", responses=problems(WorkflowNotFoundError, VersionNotFoundError))
async def get_version(
    workflow_id: str, version: Number, principal: WorkflowReader, parts: PartsOf
) -> VersionDocument:
    """Return a version with its document, as it was published."""
    return await usecases.read_version(
        workflow_id, version, principal, workflows=parts.workflows, versions=parts.versions
    )


@router.post(
    "/restore",
    responses=problems(
        WorkflowNotFoundError,
        VersionNotFoundError,
        WorkflowNameTakenError,
        IfMatchRequiredError,
        StaleWorkflowError,
    ),
)
async def restore_version(
    *,
    workflow_id: str,
    body: Restore,
    response: Response,
    principal: WorkflowWriter,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> WorkflowDocument:
    """Make a version the draft again, over the draft that `If-Match` names; publish it to use it."""
    workflows, agents, clock = parts.workflows, parts.desk.agent_book, parts.clock
    found = await usecases.version_to_restore(
        workflow_id, body, principal, workflows=workflows, versions=parts.versions
    )
    document = await replace_workflow(
        workflow_id, found, principal, if_match=if_match, workflows=workflows, agents=agents, clock=clock
    )
    response.headers["etag"] = document.etag
    return document
