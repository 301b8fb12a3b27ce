"""What people do with runs that exist: pause, resume, retry, end, fork, keep."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse, StreamingResponse

from flowloom_contracts.forks import ForkBody, ForkReport
from flowloom_contracts.run_records import RunRecordExport
from flowloom_contracts.runs import CommandBody, RetryBody, Run, SavedTest
from flowloom_contracts.values import REF_PATTERN, StoredValue
from flowloom_servicekit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IdempotencyKey, RunCanceller, RunReader, RunRetrier, RunStarter, Start
from gateway.usecases import control as usecases
from gateway.usecases.runs import RunNotFoundError
from gateway.usecases.workflows import WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/runs/{run_id}",
    tags=["runs"],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        WorkflowNotSharedError,
        RunNotFoundError,
        InvalidRequestError,
        StorageUnavailableError,
    ),
)
COMMAND: Final = problems(usecases.RunNotInThatStateError)
ValueRef = Annotated[str, Path(pattern=REF_PATTERN, description="`output_ref` of a step.")]


def _reason(body: CommandBody | RetryBody | None) -> str | None:
    return body.reason if body else None


@router.post("/pause", status_code=202, responses=COMMAND)
async def pause_run(
    run_id: str, principal: RunRetrier, parts: PartsOf, body: CommandBody | None = None
) -> Run:
    """Let nothing new start; what runs now ends."""
    return await parts.control.pause(usecases.command(run_id, principal, _reason(body)))


@router.post("/resume", status_code=202, responses=COMMAND)
async def resume_run(
    run_id: str, principal: RunRetrier, parts: PartsOf, body: CommandBody | None = None
) -> Run:
    """Go on with a paused run."""
    return await parts.control.resume(usecases.command(run_id, principal, _reason(body)))


@router.post("/retry", status_code=202, responses=COMMAND, dependencies=[Start])
async def retry_run(run_id: str, principal: RunRetrier, parts: PartsOf, body: RetryBody | None = None) -> Run:
    """Start a failed or cancelled run again; what succeeded and was not undone is kept."""
    return await parts.control.retry(usecases.command(run_id, principal, _reason(body)))


@router.post("/kill", status_code=202, responses=COMMAND)
async def kill_run(
    run_id: str, principal: RunCanceller, parts: PartsOf, body: CommandBody | None = None
) -> Run:
    """End a run at once, without its `undo` and `on_failure`."""
    return await parts.control.kill(usecases.command(run_id, principal, _reason(body)))


@router.post(
    "/fork",
    status_code=202,
    response_model=Run,
    responses=problems(ConflictError)
    | {200: {"model": ForkReport, "description": "What the fork would do, for `dry_run`."}},
    dependencies=[Start],
)
async def fork_run(
    *,
    run_id: str,
    body: ForkBody,
    principal: RunStarter,
    parts: PartsOf,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Start a new run from a step of this one; with `dry_run` only say what would happen."""
    answer = await usecases.fork_run(
        run_id, body, principal, idempotency_key=idempotency_key, control=parts.control
    )
    if answer.run is None:
        return JSONResponse(answer.report.model_dump(mode="json"))
    location = {"location": f"/v1/runs/{answer.run.id}"}
    return JSONResponse(answer.run.model_dump(mode="json"), status_code=202, headers=location)


@router.post("/save-as-test", responses=COMMAND)
async def save_run_as_test(run_id: str, principal: RunReader, parts: PartsOf) -> SavedTest:
    """Return the run as a test of its document, without secrets."""
    return await parts.control.save_as_test(usecases.command(run_id, principal))


@router.get("/record")
async def export_run_record(run_id: str, principal: RunReader, parts: PartsOf) -> RunRecordExport:
    """Return the run with its steps and document, and where its events are read."""
    record = await parts.control.record(usecases.command(run_id, principal))
    return record.model_copy(update={"trace_url": parts.settings.trace_url_of(record.run.trace_id)})


@router.get("/values/{ref}", response_model=StoredValue, responses=problems(usecases.ValueNotFoundError))
async def get_run_value(run_id: str, ref: ValueRef, principal: RunReader, parts: PartsOf) -> Response:
    """Return a value that was too large for the step."""
    pieces = await usecases.open_value(run_id, ref, principal, control=parts.control)
    return StreamingResponse(pieces, media_type="application/json")
