"""Schedules of published workflows."""

from typing import Annotated, Final

from fastapi import APIRouter, Query

from flowloom_contracts.audit import AuditAction, AuditTarget
from flowloom_contracts.automation import PauseSchedule, Schedule, ScheduleList, ScheduleQuery
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from flowloom_servicekit.ids import is_id
from gateway.domain.audit import done_by
from gateway.domain.principals import Principal
from gateway.parts import Parts, PartsOf
from gateway.routes.guards import TriggerManager, TriggerReader
from gateway.usecases.workflows import WorkflowNotSharedError

router: Final = APIRouter(
    prefix="/v1/schedules",
    tags=["triggers"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


class ScheduleNotFoundError(NotFoundError):
    """There is no such schedule in this workspace."""

    title = "Schedule not found"


ONE: Final = problems(ScheduleNotFoundError, ForbiddenError, WorkflowNotSharedError)


async def _pause(schedule_id: str, principal: Principal, parts: Parts, *, paused: bool) -> Schedule:
    if not is_id(schedule_id):
        raise ScheduleNotFoundError(f"No schedule {schedule_id[:80]!r} here.")
    command = PauseSchedule(actor=principal.actor, schedule_id=schedule_id, paused=paused)
    changed = await parts.schedules.pause(command)
    action = AuditAction.SCHEDULE_PAUSED if paused else AuditAction.SCHEDULE_RESUMED
    target = AuditTarget(kind="schedule", id=schedule_id)
    await parts.audit.add(done_by(principal, action, at=parts.clock.now(), target=target))
    return changed


@router.get("")
async def list_schedules(
    principal: TriggerReader,
    parts: PartsOf,
    workflow_id: Annotated[str | None, Query(max_length=36)] = None,
) -> ScheduleList:
    """List the schedules that are switched on, with their next times."""
    return await parts.schedules.page(ScheduleQuery(actor=principal.actor, workflow_id=workflow_id))


@router.post("/{schedule_id}/pause", responses=ONE)
async def pause_schedule(schedule_id: str, principal: TriggerManager, parts: PartsOf) -> Schedule:
    """Let a schedule miss its times until it is resumed."""
    return await _pause(schedule_id, principal, parts, paused=True)


@router.post("/{schedule_id}/resume", responses=ONE)
async def resume_schedule(schedule_id: str, principal: TriggerManager, parts: PartsOf) -> Schedule:
    """Go on with a schedule from its next time."""
    return await _pause(schedule_id, principal, parts, paused=False)
