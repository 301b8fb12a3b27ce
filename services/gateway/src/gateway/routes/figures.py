"""The dashboard's figures and reports of usage."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from flowloom_contracts.base import Day
from flowloom_contracts.stats import Overview, UsageGroup, UsageReport, Window
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import RunReader, UsageReader
from gateway.usecases import figures as usecases

router: Final = APIRouter(
    prefix="/v1",
    responses=problems(
        UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError, UpstreamError
    ),
)
Since = Annotated[Day | None, Query(description="First day (UTC); default: 29 days before `until`.")]
Until = Annotated[Day | None, Query(description="Last day (UTC), included; default: today.")]
GroupBy = Annotated[list[UsageGroup], Query(min_length=1, max_length=6, description="May be repeated.")]
OfWorkflow = Annotated[str | None, Query(max_length=36)]


@router.get("/stats/overview", tags=["stats"])
async def get_overview(
    principal: RunReader,
    parts: PartsOf,
    window: Annotated[Window, Query(description="Compared with the window before it.")] = "7d",
) -> Overview:
    """Return what the workspace did, what it cost, and what happens now."""
    return await usecases.read_overview(
        window, principal, figures=parts.desk.figures, workflows=parts.workflows
    )


@router.get("/usage", tags=["usage"])
async def get_usage(
    *,
    principal: UsageReader,
    parts: PartsOf,
    since: Since = None,
    until: Until = None,
    group_by: GroupBy = ["day"],  # noqa: B006 - FastAPI copies it
    workflow_id: OfWorkflow = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
) -> UsageReport:
    """Return tokens, money and seconds of calls by group, of runs that have ended."""
    query = usecases.usage_query(
        principal,
        days=(since, until),
        group_by=group_by,
        workflow_id=workflow_id,
        limit=limit,
        clock=parts.clock,
    )
    return await parts.desk.figures.usage(query)


@router.get(
    "/usage/export", tags=["usage"], response_class=Response, responses={200: {"content": {"text/csv": {}}}}
)
async def export_usage(
    *,
    principal: UsageReader,
    parts: PartsOf,
    since: Since = None,
    until: Until = None,
    group_by: GroupBy = ["day", "workflow", "model"],  # noqa: B006 - FastAPI copies it
    workflow_id: OfWorkflow = None,
) -> Response:
    """Return the same as CSV for a spreadsheet."""
    days, rows = (since, until), usecases.CSV_ROWS
    query = usecases.usage_query(
        principal, days=days, group_by=group_by, workflow_id=workflow_id, limit=rows, clock=parts.clock
    )
    text = usecases.as_csv(await parts.desk.figures.usage(query))
    name = f"usage-{query.since}-{query.until}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
