"""What the gateway and the agents ask over the sidecar."""

from fastapi import APIRouter, Depends

from flowloom_contracts.agents import (
    BeginCall,
    CallBegun,
    CallEnded,
    ClaimStep,
    CompleteStep,
    EndCall,
    Heartbeat,
    HeartbeatAnswer,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Run,
    RunCommand,
    RunEventsQuery,
    RunList,
    RunListQuery,
    RunQuery,
    RunSnapshot,
    StartRun,
    StepList,
)
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageFullError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from flowloom_servicekit.identity import caller
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import (
    IdempotencyConflictError,
    InvalidCursorError,
    InvalidDocumentError,
    InvalidInputsError,
    RunBusyError,
    RunFinishedError,
    RunNotFoundError,
)
from orchestrator.usecases import read_runs, work_on_steps
from orchestrator.usecases.cancel_run import cancel_run as cancel
from orchestrator.usecases.keep_calls import begin_call as begin
from orchestrator.usecases.keep_calls import end_call as end
from orchestrator.usecases.start_run import start_run as start

_ALWAYS = problems(
    UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError, StorageFullError
)

runs = APIRouter(prefix="/internal/runs", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=_ALWAYS)
steps = APIRouter(
    prefix="/internal/steps",
    dependencies=[Depends(caller(AGENT_APP_IDS))],
    responses=_ALWAYS | problems(RunNotFoundError, RunBusyError),
)
calls = APIRouter(prefix="/internal/calls", dependencies=[Depends(caller(AGENT_APP_IDS))], responses=_ALWAYS)


@runs.post("/start", responses=problems(IdempotencyConflictError, InvalidDocumentError, InvalidInputsError))
async def start_run(body: StartRun, parts: Parts) -> Run:
    """Store a run durably."""
    return await start(body, runs=parts.runs, gate=parts.gate, relay=parts.relay, clock=parts.clock)


@runs.post("/list", responses=problems(InvalidCursorError))
async def list_runs(body: RunListQuery, parts: Parts) -> RunList:
    """Return a page of runs, newest first."""
    return await read_runs.list_runs(body, views=parts.views)


@runs.post("/get", responses=problems(RunNotFoundError))
async def get_run(body: RunQuery, parts: Parts) -> Run:
    """Return a run."""
    return await read_runs.get_run(body, views=parts.views)


@runs.post("/steps", responses=problems(RunNotFoundError))
async def list_steps(body: RunQuery, parts: Parts) -> StepList:
    """Return the steps of a run."""
    return await read_runs.list_steps(body, views=parts.views)


@runs.post("/events", responses=problems(RunNotFoundError, InvalidCursorError))
async def list_events(body: RunEventsQuery, parts: Parts) -> RunEventList:
    """Return a page of a run's events."""
    return await parts.history.events(body)


@runs.post("/snapshot", responses=problems(RunNotFoundError))
async def get_snapshot(body: RunQuery, parts: Parts) -> RunSnapshot:
    """Return a run, and the cursor from which to follow it."""
    return await parts.history.snapshot(body)


@runs.post("/cancel", responses=problems(RunNotFoundError, RunFinishedError))
async def cancel_run(body: RunCommand, parts: Parts) -> Run:
    """Stop a run."""
    return await cancel(
        body,
        views=parts.views,
        gate=parts.gate,
        stops=parts.stops,
        channel=parts.channel,
        clock=parts.clock,
    )


@steps.post("/claim")
async def claim_step(body: ClaimStep, parts: Parts) -> StepClaim:
    """Take the lease of one attempt."""
    claim = await work_on_steps.claim_step(body, gate=parts.gate, clock=parts.clock)
    # The event that the step has started comes before the text of whoever started it.
    await parts.relay.settled(body.run_id)
    return claim


@steps.post("/heartbeat")
async def heartbeat_step(body: Heartbeat, parts: Parts) -> HeartbeatAnswer:
    """Renew a lease."""
    return await work_on_steps.heartbeat_step(body, runs=parts.runs, clock=parts.clock)


@steps.post("/complete")
async def complete_step(body: CompleteStep, parts: Parts) -> StepCompletion:
    """End an attempt."""
    return await work_on_steps.complete_step(body, gate=parts.gate, clock=parts.clock)


@calls.post("/begin")
async def begin_call(body: BeginCall, parts: Parts) -> CallBegun:
    """Announce a model or tool call."""
    return await begin(body, journal=parts.journal, relay=parts.relay, clock=parts.clock)


@calls.post("/end")
async def end_call(body: EndCall, parts: Parts) -> CallEnded:
    """Keep the answer of a call."""
    return await end(body, journal=parts.journal, relay=parts.relay, clock=parts.clock)
