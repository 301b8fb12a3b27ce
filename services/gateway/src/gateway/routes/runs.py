"""Runs: start, read, cancel."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    STEP_CURSOR,
    CommandBody,
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunSnapshot,
    StartRunBody,
    StepList,
    StepsQuery,
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
from gateway.routes.guards import (
    IdempotencyKey,
    PageCursor,
    PageLimit,
    RunCanceller,
    RunReader,
    RunStarter,
    Start,
)
from gateway.routes.run_filters import Order, WantedRuns, run_page_answer
from gateway.usecases import runs as usecases
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.starting import VersionNotFoundError
from gateway.usecases.workflows import WorkflowNotFoundError, WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1",
    tags=["runs"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)

After = Annotated[str, Query(description="A cursor, `<epoch>:<seq>`; `0` is before the first event.")]
Wait = Annotated[float, Query(ge=0, le=25, description="Seconds to wait for the first event.")]
StepCursor = Annotated[
    str | None,
    Query(pattern=STEP_CURSOR, max_length=500, description="`next_cursor` of the page before."),
]
Inside = Annotated[
    str | None, Query(max_length=1_000, description="Only what stands inside this path, as `research[3]`.")
]
ONE_RUN: Final = problems(usecases.RunNotFoundError)


@router.post(
    "/workflows/{workflow_id}/runs",
    status_code=202,
    responses=problems(
        WorkflowNotFoundError,
        ForbiddenError,
        WorkflowNotSharedError,
        VersionNotFoundError,
        InvalidWorkflowError,
        ConflictError,
    ),
    dependencies=[Start],
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
    """Start a run of the published version, or of the draft; it is durable when this answers."""
    stores = usecases.Startable(parts.workflows, parts.versions, parts.desk.agent_book)
    run = await usecases.start_run(
        workflow_id, body, principal, idempotency_key=idempotency_key, stores=stores, runs=parts.runs
    )
    response.headers["location"] = f"/v1/runs/{run.id}"
    return run


@router.get(
    "/runs",
    response_model=RunList,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def list_runs(
    *,
    principal: RunReader,
    parts: PartsOf,
    workflow_id: Annotated[str | None, Query(max_length=36)] = None,
    only: WantedRuns,
    order: Order = "newest",
    accept: Annotated[str, Header(description="`text/csv` for a table.")] = "application/json",
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> Response:
    """List runs in the order in which they were accepted, as JSON or as a table.

    Of a table the cursor of the next page is in the header `Link`.
    """
    query = RunListQuery(
        actor=principal.actor, workflow_id=workflow_id, only=only, order=order, cursor=cursor, limit=limit
    )
    return run_page_answer(await parts.runs.page(query), accept=accept)


@router.get("/runs/{run_id}", responses=ONE_RUN)
async def get_run(run_id: str, principal: RunReader, parts: PartsOf) -> Run:
    """Return a run."""
    return await parts.runs.get(usecases.run_query(run_id, principal))


@router.get("/runs/{run_id}/steps", responses=ONE_RUN)
async def list_run_steps(
    *,
    run_id: str,
    principal: RunReader,
    parts: PartsOf,
    inside: Inside = None,
    cursor: StepCursor = None,
    limit: PageLimit = 200,
) -> StepList:
    """Return a page of the steps of a run in the order of the document, the items of loops among them."""
    known = usecases.run_query(run_id, principal)
    return await parts.runs.steps(
        StepsQuery(actor=known.actor, run_id=known.run_id, inside=inside, cursor=cursor, limit=limit)
    )


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


@router.post(
    "/runs/{run_id}/cancel",
    status_code=202,
    responses=ONE_RUN | problems(ConflictError, ForbiddenError, WorkflowNotSharedError),
)
async def cancel_run(
    run_id: str, principal: RunCanceller, parts: PartsOf, body: CommandBody | None = None
) -> Run:
    """Ask a run to stop; everything it does ends within two seconds."""
    known = usecases.run_query(run_id, principal)
    reason = body.reason if body else None
    return await parts.runs.cancel(RunCommand(actor=known.actor, run_id=known.run_id, reason=reason))
