"""Events of users in Postgres; who waits for them is read from the steps themselves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson

from flowloom_contracts.automation import UserEvent
from flowloom_servicekit.database import Database, Statement
from orchestrator.adapters.rows import json_text

KEEP: Final = Statement("""
insert into orchestrator.user_events (workspace_id, event_id, name, data, at, received_at)
values (:workspace_id, :event_id, :name, cast(:data as jsonb), :at, :now)
on conflict do nothing returning event_id
""")
_EVENT: Final = "e.workspace_id, e.event_id, e.name, e.data, e.at"
UNDELIVERED: Final = Statement(f"""
select {_EVENT} from orchestrator.user_events e
where e.delivered_at is null and e.received_at < :older_than order by e.received_at limit :limit
""")  # noqa: S608 - our own fragment; every value is a parameter
WAITING: Final = Statement("""
select distinct cast(run_id as text) as run_id from orchestrator.steps
where workspace_id = :workspace_id and status = 'waiting' and state ? 'waits_for'
    and state -> 'waits_for' ->> 'name' = cast(:name as text)
order by run_id
""")
DELIVERED: Final = Statement("""
update orchestrator.user_events set delivered_at = :now
where workspace_id = :workspace_id and event_id = :event_id
""")
RECENT: Final = Statement(f"""
select {_EVENT} from orchestrator.user_events e
join orchestrator.runs r on r.workspace_id = e.workspace_id
where r.id = cast(:run_id as uuid) and e.name = :name and e.received_at >= :since
    and e.received_at >= r.created_at and not exists (
        select 1 from orchestrator.event_receipts t where t.run_id = r.id and t.event_id = e.event_id
    )
order by e.received_at, e.event_id limit 1000
""")  # noqa: S608 - our own fragment; every value is a parameter
HAS_RECEIVED: Final = Statement("""
select 1 as found from orchestrator.event_receipts
where run_id = cast(:run_id as uuid) and event_id = :event_id
""")
TIDY: Final = Statement("delete from orchestrator.user_events where received_at < :before")


class PostgresEvents:
    """See `EventStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, event: UserEvent, *, now: datetime) -> bool:
        """See `EventStore.keep`."""
        parameters = {
            "workspace_id": event.workspace_id,
            "event_id": event.event_id,
            "name": event.name,
            "data": json_text(event.data),
            "at": event.at,
            "now": now,
        }
        return bool(await self._database.rows(KEEP, parameters))

    async def undelivered(self, *, older_than: datetime, limit: int) -> Sequence[UserEvent]:
        """See `EventStore.undelivered`."""
        parameters = {"older_than": older_than, "limit": limit}
        return [_event(row) for row in await self._database.rows(UNDELIVERED, parameters)]

    async def waiting(self, workspace_id: str, name: str) -> Sequence[str]:
        """See `EventStore.waiting`."""
        rows = await self._database.rows(WAITING, {"workspace_id": workspace_id, "name": name})
        return [str(row["run_id"]) for row in rows]

    async def delivered(self, event: UserEvent, *, now: datetime) -> None:
        """See `EventStore.delivered`."""
        place = {"workspace_id": event.workspace_id, "event_id": event.event_id}
        await self._database.rows(DELIVERED, place | {"now": now})

    async def recent(self, run_id: str, name: str, *, since: datetime) -> Sequence[UserEvent]:
        """See `EventStore.recent`."""
        parameters = {"run_id": run_id, "name": name, "since": since}
        return [_event(row) for row in await self._database.rows(RECENT, parameters)]

    async def has_received(self, run_id: str, event_id: str) -> bool:
        """See `EventStore.has_received`."""
        return bool(await self._database.rows(HAS_RECEIVED, {"run_id": run_id, "event_id": event_id}))

    async def tidy(self, before: datetime) -> None:
        """See `EventStore.tidy`."""
        await self._database.rows(TIDY, {"before": before})


def _event(row: Mapping[str, object]) -> UserEvent:
    data = row["data"]
    return UserEvent.model_validate({**row, "data": orjson.loads(data) if isinstance(data, bytes) else data})
