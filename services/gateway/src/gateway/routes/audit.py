"""The audit log of a workspace."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from flowloom_contracts.audit import AuditAction, AuditOutcome, AuditPage
from flowloom_contracts.base import Moment
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.audit_ports import AuditFilter
from gateway.parts import PartsOf
from gateway.routes.guards import AuditReader, PageCursor, PageLimit
from gateway.usecases import audit as usecases

router: Final = APIRouter(
    prefix="/v1/audit",
    tags=["audit"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
MEDIA_TYPES: Final = {"jsonl": "application/jsonl", "csv": "text/csv"}
Text = Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("")
async def list_audit_entries(
    *,
    principal: AuditReader,
    parts: PartsOf,
    action: AuditAction | None = None,
    outcome: AuditOutcome | None = None,
    actor_id: Text = None,
    target_kind: Text = None,
    target_id: Text = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> AuditPage:
    """List what was done in the workspace and what was refused, newest first."""
    wanted = AuditFilter(action, outcome, actor_id, target_kind, target_id, since, until)
    return await usecases.list_entries(principal, wanted, cursor=cursor, limit=limit, audit=parts.audit)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA_TYPES.values()}}},
)
async def export_audit_entries(
    principal: AuditReader,
    parts: PartsOf,
    as_format: Annotated[usecases.ExportFormat, Query(alias="format")] = "jsonl",
) -> Response:
    """Return the whole log with its hashes; `python -m gateway.verify_audit FILE` checks JSON lines."""
    pieces = await usecases.export_entries(principal, as_format, audit=parts.audit, clock=parts.clock)
    disposition = f'attachment; filename="audit.{as_format}"'
    return StreamingResponse(
        pieces, media_type=MEDIA_TYPES[as_format], headers={"content-disposition": disposition}
    )
