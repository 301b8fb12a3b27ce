"""Proposals of a model: a new workflow from a sentence, or changes of one."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.proposals import AskProposal
from flowloom_contracts.runs import Run
from flowloom_servicekit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IdempotencyKey, Start, WorkflowWriter
from gateway.usecases import proposals as usecases

router: Final = APIRouter(
    prefix="/v1",
    tags=["runs"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.post("/proposals", status_code=202, responses=problems(ConflictError), dependencies=[Start])
async def ask_proposal(
    *,
    body: AskProposal,
    response: Response,
    principal: WorkflowWriter,
    parts: PartsOf,
    idempotency_key: IdempotencyKey = None,
) -> Run:
    """Ask a model of the workspace for steps; the output `proposal` of the run is what it proposes.

    Nothing is changed. The run counts towards the budgets of the workspace as every run does.
    """
    run = await usecases.ask(
        body, principal, idempotency_key=idempotency_key, agents=parts.desk.agent_book, runs=parts.runs
    )
    response.headers["location"] = f"/v1/runs/{run.id}"
    return run
