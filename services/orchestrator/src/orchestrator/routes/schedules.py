"""What the gateway asks about schedules, and what the scheduler tells."""

from fastapi import APIRouter, Depends, Request

from flowloom_contracts.automation import (
    PauseSchedule,
    Schedule,
    ScheduleList,
    ScheduleQuery,
    SyncSchedules,
)
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.dapr.jobs import job_routes
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Dependencies, Parts
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases.schedules import InvalidScheduleError, ScheduleNotFoundError

schedules = APIRouter(
    prefix="/internal/schedules", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)


@schedules.post("/sync", responses=problems(InvalidScheduleError))
async def sync_schedules(body: SyncSchedules, parts: Parts) -> ScheduleList:
    """Make these the schedules of a workflow."""
    return await parts.schedules.sync(body)


@schedules.post("/list")
async def list_schedules(body: ScheduleQuery, parts: Parts) -> ScheduleList:
    """Return the schedules of a workspace."""
    return await parts.schedules.page(body)


@schedules.post("/pause", responses=problems(ScheduleNotFoundError))
async def pause_schedule(body: PauseSchedule, parts: Parts) -> Schedule:
    """Pause a schedule, or let it go on."""
    return await parts.schedules.pause(body)


async def _alarm(name: str, request: Request) -> None:
    parts: Dependencies = request.app.state.dependencies
    await parts.schedules.alarm(name)


alarms = job_routes(_alarm)
