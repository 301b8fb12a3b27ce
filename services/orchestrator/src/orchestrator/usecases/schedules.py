"""Schedules: what a published version switches on, what people see of it, and what its due times start."""

from datetime import datetime
from typing import Final

import structlog

from flowloom_contracts.automation import (
    FireTrigger,
    PauseSchedule,
    Schedule,
    ScheduleList,
    ScheduleQuery,
    SyncSchedules,
)
from flowloom_language.schedules import BadScheduleError, next_due
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.dapr.jobs import Alarms
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError, UpstreamError
from orchestrator.domain.due_times import due_times
from orchestrator.domain.sight import check_reach
from orchestrator.ports.schedules import Firing, NewSchedule, ScheduleStore, StoredSchedule, Triggers

log = structlog.get_logger(__name__)

PREFIX: Final = "sched:"


class ScheduleNotFoundError(NotFoundError):
    """There is no such schedule in this workspace."""

    title = "Schedule not found"


class InvalidScheduleError(InvalidRequestError):
    """The schedule or its zone cannot be used."""

    title = "Invalid schedule"


class Schedules:
    """One per process. The table decides; alarms of the scheduler only say when to look at it."""

    def __init__(self, *, store: ScheduleStore, alarms: Alarms, triggers: Triggers, clock: Clock) -> None:
        self._store = store
        self._alarms = alarms
        self._triggers = triggers
        self._clock = clock

    async def sync(self, request: SyncSchedules) -> ScheduleList:
        """Make these the schedules of a workflow; raises `InvalidScheduleError`."""
        now, workspace_id = self._clock.now(), request.actor.workspace_id
        try:
            wanted = [NewSchedule(spec, next_due(spec.cron, spec.zone, now)) for spec in request.schedules]
        except BadScheduleError as error:
            raise InvalidScheduleError(str(error)) from error
        gone = await self._store.replace(workspace_id, request.workflow, request.version, wanted, now=now)
        for schedule_id in gone:
            await self._disarm(schedule_id)
        items = list(await self._store.page(workspace_id, workflow_id=request.workflow.id))
        for item in items:
            await self.arm(item)
        return ScheduleList(items=items)

    async def page(self, query: ScheduleQuery) -> ScheduleList:
        """Return the schedules of a workspace."""
        found = await self._store.page(query.actor.workspace_id, workflow_id=query.workflow_id)
        return ScheduleList(items=[one for one in found if query.actor.reaches(one.workflow.id, "view")])

    async def pause(self, command: PauseSchedule) -> Schedule:
        """Pause a schedule, which then misses its times, or let it go on from its next one."""
        stored = await self._store.get(command.schedule_id)
        workspace_id = command.actor.workspace_id
        is_here = stored is not None and stored.workspace_id == workspace_id
        if stored is None or not is_here or not command.actor.reaches(stored.schedule.workflow.id, "view"):
            raise ScheduleNotFoundError(f"There is no schedule {command.schedule_id!r}.")
        check_reach(command.actor, stored.schedule.workflow.id)
        known = stored.schedule
        next_at = None if command.paused else next_due(known.cron, known.zone, self._clock.now())
        changed = await self._store.pause(
            workspace_id, command.schedule_id, paused=command.paused, next_at=next_at
        )
        if changed is None:
            raise ScheduleNotFoundError(f"There is no schedule {command.schedule_id!r}.")
        await (self._disarm(changed.id) if changed.paused else self.arm(changed))
        return changed

    async def alarm(self, name: str) -> None:
        """Look at the schedule whose alarm has fired; raises `UpstreamError` to be told again."""
        stored = await self._store.get(name.removeprefix(PREFIX))
        if stored is not None:
            await self.look_at(stored)

    async def look_at(self, stored: StoredSchedule) -> None:
        """Fire what is due of a schedule, move it on and arm its next time."""
        schedule, now = stored.schedule, self._clock.now()
        if schedule.paused or schedule.next_at is None:
            return
        if schedule.next_at > now:
            await self.arm(schedule)
            return
        expected, times = schedule.next_at, due_times(schedule, now=now)
        firing = Firing(schedule.next_at, times.next_at, schedule.last_run_id, "Missed its time.")
        for due in times.fire:
            firing = await self._fire(stored, firing, due)
        if await self._store.fired(schedule.id, firing, expected=expected):
            await self.arm(schedule.model_copy(update={"next_at": times.next_at}))

    async def _fire(self, stored: StoredSchedule, firing: Firing, due: datetime) -> Firing:
        schedule = stored.schedule
        moment = due.isoformat().replace("+00:00", "Z")
        request = FireTrigger(
            workspace_id=stored.workspace_id,
            workflow_id=schedule.workflow.id,
            version=schedule.version,
            trigger=schedule.trigger,
            key=f"{PREFIX}{schedule.id}:{moment}",
            data={"type": "schedule", "id": schedule.trigger, "due_at": moment},
        )
        fired = await self._triggers.fire(request)
        if fired.refused:
            log.warning("a schedule started no run", schedule_id=schedule.id, reason=fired.refused)
        return Firing(due, firing.next_at, fired.run_id or schedule.last_run_id, fired.refused)

    async def arm(self, schedule: Schedule) -> None:
        """Arm the next time; without a scheduler the reconciler fires it, a little late."""
        if schedule.next_at is None or schedule.paused:
            return
        try:
            await self._alarms.arm(f"{PREFIX}{schedule.id}", schedule.next_at)
        except UpstreamError as error:
            log.warning("an alarm could not be armed", schedule_id=schedule.id, error=repr(error))

    async def _disarm(self, schedule_id: str) -> None:
        try:
            await self._alarms.disarm(f"{PREFIX}{schedule_id}")
        except UpstreamError as error:
            # It will fire once and find nothing.
            log.warning("an alarm could not be disarmed", schedule_id=schedule_id, error=repr(error))
