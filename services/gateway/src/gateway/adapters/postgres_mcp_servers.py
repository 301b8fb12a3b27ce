"""The MCP servers of workspaces in Postgres, with the tools that are agreed to."""

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import Row, bindparam
from sqlalchemy.exc import IntegrityError

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.mcp import McpTool, SaveMcpServer
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables_of_desk import mcp_servers
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.mcp_ports import StoredMcpServer

_m = mcp_servers.c
OF_NAME: Final = Query(of_workspace(mcp_servers).where(_m.name == bindparam("name")))
KIND: Final = "mcp_server"


class PostgresMcpServers:
    """McpServerStore over the table `mcp_servers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, workspace_id: str) -> Sequence[StoredMcpServer]:
        """Return them by name."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, mcp_servers, workspace_id).select().order_by(_m.name)
            return [_stored(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, server_id: str) -> StoredMcpServer | None:
        """Return a server of this workspace."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, mcp_servers, workspace_id)
            row = (await session.execute(rows.select().where(rows.of_id(server_id)))).first()
        return None if row is None else _stored(row)

    async def of_name(self, workspace_id: str, name: str) -> StoredMcpServer | None:
        """Return the server of this workspace that has a name."""
        parameters = {"workspace_id": workspace_id, "name": name}
        found = await self._database.found(OF_NAME, parameters, workspace=workspace_id)
        return _stored(found[0]) if found else None

    async def put(
        self, workspace_id: str, server: StoredMcpServer, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """Store a new server, or one over the state of a revision."""
        values = {
            "name": server.spec.name,
            "spec": server.spec.model_dump(mode="json"),
            "tools": [tool.model_dump(mode="json") for tool in server.tools],
            "revision": server.revision,
            "updated_at": server.updated_at,
        }
        try:
            async with self._database.transaction(workspace_id) as session:
                rows = TenantRows(session, mcp_servers, workspace_id)
                if over is None:
                    await rows.add(id=server.id, **values)
                else:
                    change = rows.update().where(rows.of_id(server.id), _m.revision == over).values(**values)
                    if (await session.execute(change.returning(_m.id))).first() is None:
                        return "stale"
                await record_act(
                    session,
                    AuditAction.MCP_SERVER_CHANGED,
                    workspace_id,
                    kind=KIND,
                    target_id=server.id,
                    name=server.spec.name,
                    url=server.spec.url,
                    tools={tool.name: f"{tool.effect} {tool.digest}" for tool in server.tools},
                )
                return "saved"
        except IntegrityError:
            return "name_taken"

    async def delete(self, workspace_id: str, server_id: str) -> bool:
        """Delete a server."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, mcp_servers, workspace_id)
            gone = await session.execute(rows.delete().where(rows.of_id(server_id)).returning(_m.id))
            if gone.first() is None:
                return False
            await record_act(
                session, AuditAction.MCP_SERVER_DELETED, workspace_id, kind=KIND, target_id=server_id
            )
            return True


def _stored(row: Row[*tuple[object, ...]]) -> StoredMcpServer:
    known = {name: row.spec[name] for name in SaveMcpServer.model_fields if name in row.spec}
    return StoredMcpServer(
        id=row.id,
        spec=SaveMcpServer.model_validate(known),
        tools=tuple(McpTool.model_validate(tool) for tool in row.tools),
        revision=row.revision,
        updated_at=row.updated_at,
    )
