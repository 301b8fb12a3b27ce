"""Webhooks and event triggers in Postgres."""

from datetime import datetime

from sqlalchemy import Row, select

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.runs import WorkflowRef
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables import deliveries, triggers
from gateway.adapters.tenant import TenantRows
from gateway.vault_ports import Sealed
from gateway.version_ports import StoredTrigger

_t = triggers.c


class PostgresTriggerStore:
    """TriggerStore over the table `triggers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def hook(self, trigger_id: str) -> StoredTrigger | None:
        """Return a webhook of any workspace: its address itself says whose it is."""
        found = await self.of_id(trigger_id)
        return found if found is not None and found.kind == "webhook" else None

    async def of_id(self, trigger_id: str) -> StoredTrigger | None:
        """Return a trigger for a delivery that was accepted for it."""
        if not is_id(trigger_id):
            return None
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(select(triggers).where(_t.id == trigger_id))).first()
        return None if row is None else _stored(row)

    async def get(self, workspace_id: str, trigger_id: str) -> StoredTrigger | None:
        """Return a webhook of this workspace."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, triggers, workspace_id)
            query = rows.select().where(rows.of_id(trigger_id), _t.kind == "webhook")
            row = (await session.execute(query)).first()
        return None if row is None else _stored(row)

    async def page(
        self, workspace_id: str, *, after: str | None, limit: int
    ) -> list[tuple[StoredTrigger, datetime | None]]:
        """Return webhooks and when each was last called, newest first."""
        last = (
            select(deliveries.c.received_at)
            .where(deliveries.c.trigger_id == _t.id)
            .order_by(deliveries.c.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("last_at")
        )
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, triggers, workspace_id)
            query = rows.page(*triggers.c, last, after=after, limit=limit).where(_t.kind == "webhook")
            return [(_stored(row), row.last_at) for row in await session.execute(query)]

    async def listening(self, workspace_id: str, topic: str) -> list[StoredTrigger]:
        """Return the active event triggers for a topic."""
        if not is_id(workspace_id):
            return []
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, triggers, workspace_id)
                .select()
                .where(_t.topic == topic, _t.active, _t.kind == "event")
            )
            return [_stored(row) for row in await session.execute(query)]

    async def give_secret(self, workspace_id: str, trigger_id: str, sealed: Sealed) -> bool:
        """Store a webhook's signing secret over the one it had."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, triggers, workspace_id)
            change = (
                rows.update()
                .where(rows.of_id(trigger_id), _t.kind == "webhook")
                .values(key_id=sealed.key_id, sealed_secret=sealed.data)
                .returning(_t.id)
            )
            if (await session.execute(change)).first() is None:
                return False
            await record_act(
                session,
                AuditAction.WEBHOOK_SECRET_MADE,
                workspace_id,
                kind="webhook",
                target_id=trigger_id,
            )
            return True


def _stored(row: Row[*tuple[object, ...]]) -> StoredTrigger:
    has_secret = row.key_id is not None and row.sealed_secret is not None
    return StoredTrigger(
        id=row.id,
        workspace_id=row.workspace_id,
        workflow=WorkflowRef(id=row.workflow_id, name=row.workflow_name),
        trigger=row.trigger,
        kind=row.kind,
        version=row.version,
        spec=row.spec,
        active=row.active,
        sealed=Sealed(row.key_id, bytes(row.sealed_secret)) if has_secret else None,
        created_at=row.created_at,
    )
