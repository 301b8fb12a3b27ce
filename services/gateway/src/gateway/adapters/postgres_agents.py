"""The agents of workspaces in Postgres."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables_of_desk import agents
from gateway.adapters.tenant import TenantRows
from gateway.agent_ports import StoredAgent, definition_of

_a = agents.c


class PostgresAgentStore:
    """AgentStore over the table `agents`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, workspace_id: str) -> Sequence[StoredAgent]:
        """See `AgentStore.all`."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, agents, workspace_id).select().order_by(_a.name)
            return [_stored(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, name: str) -> StoredAgent | None:
        """See `AgentStore.get`."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, agents, workspace_id).select().where(_a.name == name)
            row = (await session.execute(query)).first()
        return None if row is None else _stored(row)

    async def put(
        self, workspace_id: str, agent: StoredAgent, *, user_id: str, over: int | None
    ) -> Literal["saved", "stale"]:
        """See `AgentStore.put`; of two first saves one meets the unique name."""
        values = {
            "definition": agent.definition.model_dump(mode="json"),
            "revision": agent.revision,
            "updated_by": user_id,
            "updated_at": agent.updated_at,
        }
        try:
            async with self._database.transaction(workspace_id) as session:
                rows = TenantRows(session, agents, workspace_id)
                if over is None:
                    row_id = new_id()
                    await rows.add(id=row_id, name=agent.name, **values)
                else:
                    change = rows.update().where(_a.name == agent.name, _a.revision == over).values(**values)
                    found = await session.scalar(change.returning(_a.id))
                    if found is None:
                        return "stale"
                    row_id = str(found)
                await _record(session, AuditAction.AGENT_SAVED, workspace_id, row_id, name=agent.name)
                return "saved"
        except IntegrityError:
            return "stale"

    async def delete(self, workspace_id: str, name: str, *, over: int) -> Literal["deleted", "stale"]:
        """See `AgentStore.delete`."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, agents, workspace_id)
            gone = rows.delete().where(_a.name == name, _a.revision == over).returning(_a.id)
            row_id = await session.scalar(gone)
            if row_id is None:
                return "stale"
            await _record(session, AuditAction.AGENT_DELETED, workspace_id, str(row_id), name=name)
            return "deleted"


async def _record(
    session: AsyncSession, action: AuditAction, workspace_id: str, row_id: str, *, name: str
) -> None:
    await record_act(session, action, workspace_id, kind="agent", target_id=row_id, name=name)


def _stored(row: Row[*tuple[object, ...]]) -> StoredAgent:
    return StoredAgent(
        name=row.name,
        definition=definition_of(row.definition),
        revision=row.revision,
        updated_at=row.updated_at,
    )
