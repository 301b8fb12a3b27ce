"""Deliveries in Postgres: many in one statement, one commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Row, delete

from flowloom_contracts.automation import DeliveryStatus
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.tables import deliveries
from gateway.adapters.tenant import TenantRows
from gateway.version_ports import KnownDelivery, NewDelivery, Outcome, PendingDelivery

_d = deliveries.c

ADD: Final = Statement("""
insert into gateway.deliveries
    (id, workspace_id, trigger_id, run_key, dedupe, data, status, attempts, received_at, next_at)
select g.id, g.workspace_id, g.trigger_id, g.run_key, g.dedupe, g.data, 'pending', 0, g.at, g.at
from unnest(:ids::uuid[], :workspaces::uuid[], :triggers::uuid[], :keys::text[], :dedupes::bytea[],
            :data::text[], :times::timestamptz[])
    as g (id, workspace_id, trigger_id, run_key, dedupe, data, at)
on conflict (trigger_id, dedupe) where dedupe is not null do nothing
returning id
""")
EQUAL: Final = Statement("""
select g.id as given, d.id
from unnest(:ids::uuid[], :triggers::uuid[], :dedupes::bytea[]) as g (id, trigger_id, dedupe)
join gateway.deliveries d on d.trigger_id = g.trigger_id and d.dedupe = g.dedupe
""")
DUE: Final = Statement("""
select id, workspace_id, trigger_id, run_key, data, attempts from gateway.deliveries
where status = 'pending' and next_at <= :now order by next_at, id limit :most::integer
""")
SETTLE: Final = Statement("""
update gateway.deliveries d
set status = g.status, run_id = g.run_id, reason = g.reason, next_at = g.next_at,
    attempts = d.attempts + g.counts
from unnest(:ids::uuid[], :statuses::text[], :runs::uuid[], :reasons::bytea[], :times::timestamptz[],
            :counts::integer[])
    as g (id, status, run_id, reason, next_at, counts)
where d.id = g.id and d.status = 'pending'
""")


class PostgresDeliveryStore:
    """DeliveryStore over the table `deliveries`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, given: Sequence[NewDelivery]) -> list[str]:
        """Store them in one statement; what the index knows already keeps its first id."""
        parameters = {
            "ids": [one.id for one in given],
            "workspaces": [one.workspace_id for one in given],
            "triggers": [one.trigger_id for one in given],
            "keys": [one.run_key for one in given],
            "dedupes": [one.dedupe for one in given],
            "data": [one.data for one in given],
            "times": [one.received_at for one in given],
        }
        fresh = {
            str(row["id"]) for row in await self._database.rows(ADD, parameters, workspace=EVERY_WORKSPACE)
        }
        known = {one.id: one.id for one in given if one.id in fresh}
        equal = [one for one in given if one.id not in fresh]
        if equal:
            known |= await self._equal(equal)
        return [known[one.id] for one in given]

    async def _equal(self, equal: Sequence[NewDelivery]) -> dict[str, str]:
        rows = await self._database.rows(
            EQUAL,
            {
                "ids": [one.id for one in equal],
                "triggers": [one.trigger_id for one in equal],
                "dedupes": [one.dedupe for one in equal],
            },
            workspace=EVERY_WORKSPACE,
        )
        return {str(row["given"]): str(row["id"]) for row in rows}

    async def due(self, limit: int, *, now: datetime) -> list[PendingDelivery]:
        """Return deliveries whose time has come, the oldest first."""
        rows = await self._database.rows(DUE, {"now": now, "most": limit}, workspace=EVERY_WORKSPACE)
        return [_pending(row) for row in rows]

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Store what became of attempts."""
        if not outcomes:
            return
        await self._database.rows(
            SETTLE,
            {
                "ids": [one.id for one in outcomes],
                "statuses": [one.status for one in outcomes],
                "runs": [one.run_id for one in outcomes],
                "reasons": [None if one.reason is None else one.reason.encode() for one in outcomes],
                "times": [one.next_at for one in outcomes],
                "counts": [int(one.counts) for one in outcomes],
            },
            workspace=EVERY_WORKSPACE,
        )

    async def page(
        self,
        workspace_id: str,
        trigger_id: str,
        *,
        status: DeliveryStatus | None,
        after: str | None,
        limit: int,
    ) -> list[KnownDelivery]:
        """Return deliveries of a trigger, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, deliveries, workspace_id)
                .page(after=after, limit=limit)
                .where(_d.trigger_id == trigger_id)
            )
            if status is not None:
                query = query.where(_d.status == status)
            return [_known(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, trigger_id: str, delivery_id: str) -> KnownDelivery | None:
        """Return one delivery."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, deliveries, workspace_id)
            query = rows.select().where(rows.of_id(delivery_id), _d.trigger_id == trigger_id)
            row = (await session.execute(query)).first()
        return None if row is None else _known(row)

    async def purge(self, *, started_before: datetime, dead_before: datetime) -> None:
        """Forget what has ended long ago, in all workspaces."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            for status, before in (("started", started_before), ("dead", dead_before)):
                await session.execute(delete(deliveries).where(_d.status == status, _d.received_at < before))


def _pending(row: Mapping[str, object]) -> PendingDelivery:
    return PendingDelivery(
        id=str(row["id"]),
        workspace_id=str(row["workspace_id"]),
        trigger_id=str(row["trigger_id"]),
        run_key=str(row["run_key"]),
        data=str(row["data"]),
        attempts=int(str(row["attempts"])),
    )


def _known(row: Row[*tuple[object, ...]]) -> KnownDelivery:
    return KnownDelivery(
        id=row.id,
        trigger_id=row.trigger_id,
        status=row.status,
        attempts=row.attempts,
        received_at=row.received_at,
        next_at=row.next_at,
        run_id=row.run_id,
        reason=None if row.reason is None else bytes(row.reason).decode(),
        data=row.data,
    )
