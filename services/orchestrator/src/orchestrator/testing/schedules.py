"""Schedules in memory, and a gateway that remembers what was fired."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flowloom_contracts.automation import FireTrigger, Schedule, TriggerFired
from flowloom_contracts.runs import WorkflowRef
from flowloom_servicekit.ids import new_id
from orchestrator.ports.schedules import Firing, NewSchedule, StoredSchedule


class FakeTriggers:
    """See `Triggers`: one run for each key; set `refused` or `failure` for other answers."""

    def __init__(self) -> None:
        self.fired: list[FireTrigger] = []
        self.runs: dict[str, str] = {}
        self.refused: str | None = None
        self.failure: Exception | None = None

    async def fire(self, request: FireTrigger) -> TriggerFired:
        """See `Triggers.fire`."""
        if self.failure is not None:
            raise self.failure
        self.fired.append(request)
        if self.refused:
            return TriggerFired(refused=self.refused)
        return TriggerFired(run_id=self.runs.setdefault(request.key, f"run-{len(self.runs) + 1}"))


class InMemorySchedules:
    """See `ScheduleStore`."""

    def __init__(self) -> None:
        self.kept: dict[str, StoredSchedule] = {}

    async def replace(
        self,
        workspace_id: str,
        workflow: WorkflowRef,
        version: int,
        schedules: Sequence[NewSchedule],
        *,
        now: datetime,
    ) -> Sequence[str]:
        """See `ScheduleStore.replace`."""
        known = {
            one.schedule.trigger: one
            for one in self.kept.values()
            if (one.workspace_id, one.schedule.workflow.id) == (workspace_id, workflow.id)
        }
        if any(one.schedule.version > version for one in known.values()):
            return []
        gone = [one.id for name, one in known.items() if name not in {new.spec.trigger for new in schedules}]
        for schedule_id in gone:
            del self.kept[schedule_id]
        for new in schedules:
            made = _schedule(workflow, version, new, known.get(new.spec.trigger))
            self.kept[made.id] = StoredSchedule(workspace_id, made)
        return gone

    async def page(self, workspace_id: str, *, workflow_id: str | None) -> Sequence[Schedule]:
        """See `ScheduleStore.page`."""
        found = [
            one.schedule
            for one in self.kept.values()
            if one.workspace_id == workspace_id and workflow_id in (None, one.schedule.workflow.id)
        ]
        return sorted(found, key=lambda one: (one.workflow.name, one.trigger))

    async def get(self, schedule_id: str) -> StoredSchedule | None:
        """See `ScheduleStore.get`."""
        return self.kept.get(schedule_id)

    async def pause(
        self, workspace_id: str, schedule_id: str, *, paused: bool, next_at: datetime | None
    ) -> Schedule | None:
        """See `ScheduleStore.pause`."""
        known = self.kept.get(schedule_id)
        if known is None or known.workspace_id != workspace_id:
            return None
        changed = known.schedule.model_copy(update={"paused": paused, "next_at": next_at})
        self.kept[schedule_id] = replace(known, schedule=changed)
        return changed

    async def due(self, before: datetime, *, limit: int) -> Sequence[StoredSchedule]:
        """See `ScheduleStore.due`."""
        found = [
            (one.schedule.next_at, one)
            for one in self.kept.values()
            if not one.schedule.paused and one.schedule.next_at is not None and one.schedule.next_at < before
        ]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])][:limit]

    async def fired(self, schedule_id: str, firing: Firing, *, expected: datetime) -> bool:
        """See `ScheduleStore.fired`."""
        known = self.kept.get(schedule_id)
        if known is None or known.schedule.next_at != expected or known.schedule.paused:
            return False
        changes = {
            "next_at": firing.next_at,
            "last_at": firing.due,
            "last_run_id": firing.run_id,
            "last_error": firing.error,
        }
        self.kept[schedule_id] = replace(known, schedule=known.schedule.model_copy(update=changes))
        return True


def _schedule(
    workflow: WorkflowRef, version: int, new: NewSchedule, known: StoredSchedule | None
) -> Schedule:
    spec, old = new.spec, known.schedule if known else None
    is_same = old is not None and (old.cron, old.zone) == (spec.cron, spec.zone)
    changes = {
        "workflow": workflow,
        "version": version,
        "trigger": spec.trigger,
        "cron": spec.cron,
        "zone": spec.zone,
        "misfire": spec.misfire,
        "next_at": old.next_at if old is not None and (is_same or old.paused) else new.next_at,
    }
    if old is not None:
        return old.model_copy(update=changes)
    return Schedule.model_validate({"id": new_id(), **changes})
