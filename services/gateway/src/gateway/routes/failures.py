"""How runs have failed before, and what they next succeeded with."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.run_memory import KnownFailures
from flowloom_servicekit.errors import ForbiddenError, StorageUnavailableError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import RunReader
from gateway.usecases import failures as usecases
from gateway.usecases.runs import RunNotFoundError
from gateway.usecases.workflows import WorkflowNotFoundError

router: Final = APIRouter(
    prefix="/v1",
    tags=["runs"],
    responses=problems(UnauthenticatedError, ForbiddenError, StorageUnavailableError),
)


@router.get("/runs/{run_id}/failures", responses=problems(RunNotFoundError))
async def list_run_failures(run_id: str, principal: RunReader, parts: PartsOf) -> KnownFailures:
    """Return how often runs of the workflow have failed like this one, and what followed; else nothing.

    It is known a moment after the run has ended; private runs and those that a step started are not kept.
    """
    return await usecases.failure_of_run(run_id, principal, runs=parts.runs, knowledge=parts.desk.knowledge)


@router.get("/workflows/{workflow_id}/failures", responses=problems(WorkflowNotFoundError))
async def list_workflow_failures(workflow_id: str, principal: RunReader, parts: PartsOf) -> KnownFailures:
    """Return how runs of a workflow fail, the newest first; at most fifty."""
    return await usecases.failures_of_workflow(
        workflow_id, principal, workflows=parts.workflows, knowledge=parts.desk.knowledge
    )
