"""What people do with a run, as the gateway asks it."""

from fastapi import APIRouter, Depends

from flowloom_contracts.forks import ForkAnswer, ForkRun
from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import Run, RunCommand, SavedTest
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import (
    IdempotencyConflictError,
    InvalidDocumentError,
    InvalidInputsError,
    RunFinishedError,
    RunNotFoundError,
    RunNotInThatStateError,
    StepNotFoundError,
)
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases import control_runs, export_run
from orchestrator.usecases.fork_run import fork_run as fork

control = APIRouter(
    prefix="/internal/runs",
    dependencies=[Depends(caller([AppId.GATEWAY]))],
    responses=ALWAYS | problems(RunNotFoundError),
)
_COMMAND = problems(RunFinishedError, RunNotInThatStateError)


@control.post("/cancel", responses=_COMMAND)
async def cancel_run(body: RunCommand, parts: Parts) -> Run:
    """Stop a run."""
    return await control_runs.cancel_run(body, controls=parts.controls)


@control.post("/kill", responses=_COMMAND)
async def kill_run(body: RunCommand, parts: Parts) -> Run:
    """End a run at once."""
    return await control_runs.kill_run(body, controls=parts.controls)


@control.post("/pause", responses=_COMMAND)
async def pause_run(body: RunCommand, parts: Parts) -> Run:
    """Let nothing new start."""
    return await control_runs.pause_run(body, controls=parts.controls)


@control.post("/resume", responses=_COMMAND)
async def resume_run(body: RunCommand, parts: Parts) -> Run:
    """Go on."""
    return await control_runs.resume_run(body, controls=parts.controls)


@control.post("/retry", responses=_COMMAND)
async def retry_run(body: RunCommand, parts: Parts) -> Run:
    """Start again from what failed."""
    return await control_runs.retry_run(body, controls=parts.controls)


@control.post(
    "/fork",
    responses=problems(StepNotFoundError, InvalidDocumentError, InvalidInputsError, IdempotencyConflictError),
)
async def fork_run(body: ForkRun, parts: Parts) -> ForkAnswer:
    """Start a run that reuses what this one did."""
    return await fork(
        body, forks=parts.forks, runs=parts.runs, gate=parts.gate, relay=parts.relay, clock=parts.clock
    )


@control.post("/save-as-test", responses=_COMMAND)
async def save_run_as_test(body: RunCommand, parts: Parts) -> SavedTest:
    """Return the run as a test."""
    return await export_run.save_run_as_test(body, views=parts.views, values=parts.values)


@control.post("/record")
async def record_run(body: RunCommand, parts: Parts) -> RunRecordExport:
    """Return the run as one document."""
    return await export_run.record_run(body, views=parts.views, clock=parts.clock)
