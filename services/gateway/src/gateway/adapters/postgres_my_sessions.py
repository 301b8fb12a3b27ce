"""The sessions of one person in Postgres."""

from datetime import datetime

from sqlalchemy import Update, select, update

from flowloom_contracts.api import Workspace
from flowloom_contracts.audit import AuditAction
from flowloom_contracts.identity import MySession
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.live_credentials import live_sessions
from gateway.adapters.tables import sessions, workspaces

_s = sessions.c


class PostgresMySessionStore:
    """MySessionStore over the table `sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, user_id: str, *, now: datetime) -> list[MySession]:
        """Return the sessions that may act, those used last first."""
        alive = live_sessions(now).where(_s.user_id == user_id).with_only_columns(_s.id)
        query = (
            select(sessions, workspaces.c.name)
            .join(workspaces, workspaces.c.id == _s.workspace_id)
            .where(_s.id.in_(alive))
            .order_by(_s.last_used_at.desc(), _s.id.desc())
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return [
                MySession(
                    id=row.id,
                    workspace=Workspace(id=row.workspace_id, name=row.name),
                    device=row.device,
                    address=row.address,
                    created_at=row.created_at,
                    last_used_at=row.last_used_at,
                )
                for row in await session.execute(query)
            ]

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """End one."""
        if not is_id(session_id):
            return False
        change = update(sessions).where(_s.id == session_id, _s.user_id == user_id, _s.revoked_at.is_(None))
        return await self._end(change, now=now, because="ended by its person") > 0

    async def end_others(self, user_id: str, kept: str | None, *, now: datetime, because: str) -> None:
        """End all but one."""
        change = update(sessions).where(_s.user_id == user_id, _s.revoked_at.is_(None))
        if kept is not None:
            change = change.where(_s.id != kept)
        await self._end(change, now=now, because=because)

    async def _end(self, change: Update, *, now: datetime, because: str) -> int:
        """End sessions and write each down; the chains are taken in one order."""
        ended = change.values(revoked_at=now, revoked_because=because).returning(_s.workspace_id, _s.id)
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            found = sorted((row.workspace_id, row.id) for row in await session.execute(ended))
            for workspace_id, session_id in found:
                await record_act(
                    session,
                    AuditAction.SESSION_CLOSED,
                    workspace_id,
                    kind="session",
                    target_id=session_id,
                    because=because,
                )
        return len(found)
