"""Runs: start, read, cancel."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    CommandBody,
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunSnapshot,
    RunStatus,
    StartRunBody,
    StepList,
)
from flowloom_servicekit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import PageCursor, PageLimit, RunCanceller, RunReader, RunStarter
from gateway.usecases import runs as usecases
from gateway.usecases.workflows import WorkflowNotFoundError

router: Final = APIRouter(
    prefix="/v1",
    tags=["runs"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)

IdempotencyKey = Annotated[
    str | None, Header(description="The same key and body give the same run for 24 hours.")
]
After = Annotated[str, Query(description="A cursor, `<epoch>:<seq>`; `0` is before the first event.")]
Wait = Annotated[float, Query(ge=0, le=25, description="Seconds to wait for the first event.")]
ONE_RUN: Final = problems(usecases.RunNotFoundError)


@router.post(
    "/workflows/{workflow_id}/runs",
    status_code=202,
    responses=problems(
        WorkflowNotFoundError, usecases.VersionNotFoundError, usecases.InvalidWorkflowError, ConflictError
    ),
)
async def start_run(
    *,
    workflow_id: str,
    body: StartRunBody,
    response: Response,
    principal: RunStarter,
    parts: PartsOf,
    idempotency_key: IdempotencyKey = None,
) -> Run:
    """Start a run of the stored document; it is durable when this answers."""
    run = await usecases.start_run(
        workflow_id,
        body,
        principal,
        idempotency_key=idempotency_key,
        workflows=parts.workflows,
        runs=parts.runs,
    )
    response.headers["location"] = f"/v1/runs/{run.id}"
    return run


@router.get("/runs")
async def list_runs(
    *,
    principal: RunReader,
    parts: PartsOf,
    workflow_id: Annotated[str | None, Query(max_length=36)] = None,
    status: RunStatus | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> RunList:
    """List runs, newest first."""
    return await parts.runs.page(
        RunListQuery(
            actor=principal.actor, workflow_id=workflow_id, status=status, cursor=cursor, limit=limit
        )
    )


@router.get("/runs/{run_id}", responses=ONE_RUN)
async def get_run(run_id: str, principal: RunReader, parts: PartsOf) -> Run:
    """Return a run."""
    return await parts.runs.get(usecases.run_query(run_id, principal))


@router.get("/runs/{run_id}/steps", responses=ONE_RUN)
async def list_run_steps(run_id: str, principal: RunReader, parts: PartsOf) -> StepList:
    """Return the steps of a run in the order of the document."""
    return await parts.runs.steps(usecases.run_query(run_id, principal))


@router.get("/runs/{run_id}/events", response_model=RunEventList, responses=ONE_RUN)
async def list_run_events(
    *,
    run_id: str,
    principal: RunReader,
    parts: PartsOf,
    after: After = "0",
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
    wait: Wait = 0,
) -> Response:
    """Return a page of the history, while the run lives and long after."""
    known = usecases.run_query(run_id, principal)
    query = RunEventsQuery(
        actor=known.actor, run_id=known.run_id, after=str(usecases.cursor_from(after)), limit=limit
    )
    page = await usecases.wait_for_events(query, wait_s=wait, runs=parts.runs, streams=parts.streams)
    return JSONResponse(usecases.page_as_json(page))


@router.get("/runs/{run_id}/snapshot", responses=ONE_RUN)
async def get_run_snapshot(run_id: str, principal: RunReader, parts: PartsOf) -> RunSnapshot:
    """Return where a run is now, with the cursor from which to follow it."""
    return await parts.runs.snapshot(usecases.run_query(run_id, principal))


@router.post("/runs/{run_id}/cancel", status_code=202, responses=ONE_RUN | problems(ConflictError))
async def cancel_run(
    run_id: str, principal: RunCanceller, parts: PartsOf, body: CommandBody | None = None
) -> Run:
    """Ask a run to stop; everything it does ends within two seconds."""
    known = usecases.run_query(run_id, principal)
    reason = body.reason if body else None
    return await parts.runs.cancel(RunCommand(actor=known.actor, run_id=known.run_id, reason=reason))
