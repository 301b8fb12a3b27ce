"""What the gateway asks about runs."""

from fastapi import APIRouter, Depends, Response

from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Run,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StepList,
    StepsQuery,
)
from flowloom_contracts.starts import StartRun
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import StorageFullError, problems
from orchestrator.dependencies import Parts
from orchestrator.domain.admission import ConcurrencyLimitError, TooManyQueuedError
from orchestrator.domain.errors import (
    IdempotencyConflictError,
    InvalidCursorError,
    InvalidDocumentError,
    InvalidInputsError,
    RunNotFoundError,
    StepNotFoundError,
)
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import read_runs
from orchestrator.usecases.start_run import start_run as start

runs = APIRouter(prefix="/internal/runs", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS)


@runs.post(
    "/start",
    responses=problems(
        ConcurrencyLimitError,
        TooManyQueuedError,
        StorageFullError,
        IdempotencyConflictError,
        InvalidDocumentError,
        InvalidInputsError,
        RunNotFoundError,
        StepNotFoundError,
    ),
)
async def start_run(body: StartRun, parts: Parts) -> Run:
    """Store a run durably."""
    return await start(
        body,
        starting=parts.forks,
        runs=parts.runs,
        gate=parts.gate,
        relay=parts.relay,
        clock=parts.clock,
    )


@runs.post("/list", responses=problems(InvalidCursorError))
async def list_runs(body: RunListQuery, parts: Parts) -> RunList:
    """Return a page of runs, newest first."""
    return await read_runs.list_runs(body, views=parts.views)


@runs.post("/get", responses=problems(RunNotFoundError))
async def get_run(body: RunQuery, parts: Parts) -> Run:
    """Return a run."""
    return await read_runs.get_run(body, views=parts.views)


@runs.post("/steps", responses=problems(RunNotFoundError))
async def list_steps(body: StepsQuery, parts: Parts) -> StepList:
    """Return the steps of a run."""
    return await read_runs.list_steps(body, views=parts.views)


@runs.post("/events", responses=problems(RunNotFoundError, InvalidCursorError))
async def list_events(body: RunEventsQuery, parts: Parts) -> RunEventList:
    """Return a page of a run's events."""
    return await parts.history.events(body)


@runs.post("/snapshot", response_model=RunSnapshot, responses=problems(RunNotFoundError))
async def get_snapshot(body: RunQuery, parts: Parts) -> Response:
    """Return a run, and the cursor from which to follow it."""
    return Response(await parts.history.snapshot(body), media_type="application/json")
