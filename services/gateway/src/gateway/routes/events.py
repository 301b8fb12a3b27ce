"""Events of a workspace, told by people and programs."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.automation import EmitBody, Emitted
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import EventEmitter, IdempotencyKey, Start
from gateway.usecases import events as usecases

router: Final = APIRouter(
    prefix="/v1/events",
    tags=["triggers"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.post("", status_code=202, responses=problems(usecases.EventConflictError), dependencies=[Start])
async def emit_event(
    body: EmitBody, principal: EventEmitter, parts: PartsOf, idempotency_key: IdempotencyKey = None
) -> Emitted:
    """Tell the runs that wait for an event and the triggers that start at it; stored when this answers."""
    emitted = await usecases.emit_event(
        body, principal, idempotency_key=idempotency_key, events=parts.events, clock=parts.clock
    )
    parts.relays.wake()
    return emitted
