"""Schedules in Postgres."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from flowloom_contracts.automation import Schedule
from flowloom_contracts.runs import WorkflowRef
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.ids import is_id, new_id
from orchestrator.adapters.rows import json_text
from orchestrator.ports.schedules import Firing, NewSchedule, StoredSchedule

_COLUMNS: Final = """
cast(id as text) as id, workspace_id, workflow_id, workflow_name, version, trigger_id, cron, zone, misfire,
paused, next_at, last_at, last_run_id, last_error
"""
# A workflow's schedules are those of its newest version: an older one that comes late changes nothing.
REPLACE: Final = Statement("""
with wanted as (
    select * from jsonb_to_recordset(cast(:schedules as jsonb)) as s(
        id uuid, trigger_id text, cron text, zone text, misfire text, next_at timestamptz
    ) where not exists (
        select 1 from orchestrator.schedules k
        where k.workspace_id = :workspace_id and k.workflow_id = :workflow_id and k.version > :version
    )
),
gone as (
    delete from orchestrator.schedules k
    where k.workspace_id = :workspace_id and k.workflow_id = :workflow_id and k.version <= :version
        and not exists (select 1 from wanted where wanted.trigger_id = k.trigger_id)
    returning cast(k.id as text) as id
),
put as (
    insert into orchestrator.schedules as known (
        id, workspace_id, workflow_id, workflow_name, version, trigger_id, cron, zone, misfire, next_at,
        created_at
    )
    select id, cast(:workspace_id as text), cast(:workflow_id as text), cast(:workflow_name as text),
        cast(:version as integer), trigger_id, cron, zone, misfire, next_at, cast(:now as timestamptz)
    from wanted
    on conflict (workspace_id, workflow_id, trigger_id) do update set
        workflow_name = excluded.workflow_name, version = excluded.version, cron = excluded.cron,
        zone = excluded.zone, misfire = excluded.misfire,
        next_at = case
            when known.paused then null
            when known.cron = excluded.cron and known.zone = excluded.zone then known.next_at
            else excluded.next_at
        end
)
select id from gone
""")
PAGE: Final = Statement(f"""
select {_COLUMNS} from orchestrator.schedules
where workspace_id = :workspace_id
    and (cast(:workflow_id as text) is null or workflow_id = :workflow_id)
order by workflow_name, trigger_id
""")  # noqa: S608 - our own fragment; every value is a parameter
GET: Final = Statement(
    f"select {_COLUMNS} from orchestrator.schedules where id = cast(:id as uuid)"  # noqa: S608 - as above
)
PAUSE: Final = Statement(f"""
update orchestrator.schedules set paused = :paused, next_at = :next_at
where id = cast(:id as uuid) and workspace_id = :workspace_id
returning {_COLUMNS}
""")  # noqa: S608 - our own fragment; every value is a parameter
DUE: Final = Statement(f"""
select {_COLUMNS} from orchestrator.schedules
where not paused and next_at is not null and next_at < :before order by next_at limit :limit
""")  # noqa: S608 - our own fragment; every value is a parameter
FIRED: Final = Statement("""
update orchestrator.schedules
set next_at = :next_at, last_at = :due, last_run_id = :run_id, last_error = :error
where id = cast(:id as uuid) and next_at = :expected and not paused
returning id
""")


class PostgresSchedules:
    """See `ScheduleStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        rows = [
            {
                "id": new_id(),
                "trigger_id": new.spec.trigger,
                "cron": new.spec.cron,
                "zone": new.spec.zone,
                "misfire": new.spec.misfire,
                "next_at": new.next_at.isoformat(),
            }
            for new in schedules
        ]
        parameters = {
            "workspace_id": workspace_id,
            "workflow_id": workflow.id,
            "workflow_name": workflow.name,
            "version": version,
            "schedules": json_text(rows),
            "now": now,
        }
        changed = await self._database.rows(REPLACE, parameters, workspace=workspace_id)
        return [str(row["id"]) for row in changed]

    async def page(self, workspace_id: str, *, workflow_id: str | None) -> Sequence[Schedule]:
        """See `ScheduleStore.page`."""
        parameters = {"workspace_id": workspace_id, "workflow_id": workflow_id}
        rows = await self._database.rows(PAGE, parameters, workspace=workspace_id)
        return [_stored(row).schedule for row in rows]

    async def get(self, schedule_id: str) -> StoredSchedule | None:
        """See `ScheduleStore.get`."""
        rows = await self._database.rows(GET, {"id": schedule_id}) if is_id(schedule_id) else ()
        return _stored(rows[0]) if rows else None

    async def pause(
        self, workspace_id: str, schedule_id: str, *, paused: bool, next_at: datetime | None
    ) -> Schedule | None:
        """See `ScheduleStore.pause`."""
        parameters = {
            "id": schedule_id,
            "workspace_id": workspace_id,
            "paused": paused,
            "next_at": next_at,
        }
        rows = await self._database.rows(PAUSE, parameters, workspace=workspace_id)
        return _stored(rows[0]).schedule if rows else None

    async def due(self, before: datetime, *, limit: int) -> Sequence[StoredSchedule]:
        """See `ScheduleStore.due`."""
        return [_stored(row) for row in await self._database.rows(DUE, {"before": before, "limit": limit})]

    async def fired(self, schedule_id: str, firing: Firing, *, expected: datetime) -> bool:
        """See `ScheduleStore.fired`."""
        parameters = {
            "id": schedule_id,
            "next_at": firing.next_at,
            "due": firing.due,
            "run_id": firing.run_id,
            "error": firing.error,
            "expected": expected,
        }
        return bool(await self._database.rows(FIRED, parameters))


def _stored(row: Mapping[str, object]) -> StoredSchedule:
    data = dict(row)
    workflow = WorkflowRef(id=str(data.pop("workflow_id")), name=str(data.pop("workflow_name")))
    schedule = Schedule.model_validate(data | {"workflow": workflow, "trigger": data["trigger_id"]})
    return StoredSchedule(str(row["workspace_id"]), schedule)
