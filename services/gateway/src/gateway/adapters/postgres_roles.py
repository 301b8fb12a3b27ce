"""The roles of workspaces in Postgres."""

from datetime import datetime

from sqlalchemy import Row, func
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from gateway.adapters.audit_trail import record_act
from gateway.adapters.identity_tables import invitations
from gateway.adapters.tables import members, roles, users
from gateway.adapters.tenant import TenantRows
from gateway.domain.permissions import BUILT_IN, Role, permissions_named
from gateway.role_ports import OwnRole

_r = roles.c


class PostgresRoleStore:
    """RoleStore over the table `roles`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, workspace_id: str) -> list[OwnRole]:
        """Return the roles that a workspace has made."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, roles, workspace_id).select().order_by(_r.name)
            return [_own(row) for row in await session.execute(query)]

    async def named(self, workspace_id: str, name: str) -> Role | None:
        """Return the role of a name."""
        if name in BUILT_IN:
            return BUILT_IN[name]
        return next((own.role for own in await self.all(workspace_id) if own.role.name == name), None)

    async def holders(self, workspace_id: str) -> dict[str, int]:
        """Return how many members have each role."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, members, workspace_id)
            query = rows.select(members.c.role).add_columns(func.count()).group_by(members.c.role)
            return {str(role): int(held) for role, held in await session.execute(query)}

    async def add(self, workspace_id: str, made: OwnRole, *, now: datetime) -> bool:
        """Store a role; the unique name decides a race."""
        try:
            async with self._database.transaction(workspace_id) as session:
                await TenantRows(session, roles, workspace_id).add(
                    id=made.id,
                    name=made.role.name,
                    description=made.description,
                    permissions=sorted(made.role.permissions),
                    created_at=now,
                    updated_at=now,
                )
                await _record(session, AuditAction.ROLE_CREATED, workspace_id, made)
        except IntegrityError:
            return False
        return True

    async def replace(self, workspace_id: str, changed: OwnRole, *, over: OwnRole, now: datetime) -> bool:
        """Change a role for everybody who has it, unless somebody did since `over` was read."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, roles, workspace_id)
            query = rows.select().where(rows.of_id(changed.id)).with_for_update()
            found = (await session.execute(query)).first()
            if found is None or _own(found) != over:
                return False
            change = rows.update().where(rows.of_id(changed.id))
            permissions = sorted(changed.role.permissions)
            await session.execute(
                change.values(description=changed.description, permissions=permissions, updated_at=now)
            )
            await _record(session, AuditAction.ROLE_CHANGED, workspace_id, changed)
        return True

    async def delete(self, workspace_id: str, role_id: str, *, now: datetime) -> list[str] | None:
        """Delete a role under its lock: whoever is given it meanwhile waits, and finds it gone."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, roles, workspace_id)
            found = (
                await session.execute(rows.select().where(rows.of_id(role_id)).with_for_update())
            ).first()
            if found is None:
                return None
            holders = await _holders(session, workspace_id, found.name, now)
            if not holders:
                await session.execute(rows.delete().where(rows.of_id(role_id)))
                await _record(session, AuditAction.ROLE_DELETED, workspace_id, _own(found))
        return holders


async def _holders(session: AsyncSession, workspace_id: str, name: str, now: datetime) -> list[str]:
    """Return the addresses of who has a role or can still accept an invitation to it."""
    of_members = (
        TenantRows(session, members, workspace_id)
        .select(users.c.email)
        .select_from(members.join(users, users.c.id == members.c.user_id))
        .where(members.c.role == name)
    )
    i = invitations.c
    invited = (
        TenantRows(session, invitations, workspace_id)
        .select(i.email)
        .where(i.role == name, i.accepted_at.is_(None), i.revoked_at.is_(None), i.expires_at > now)
    )
    found = [str(row.email) for query in (of_members, invited) for row in await session.execute(query)]
    return sorted(set(found))


async def _record(session: AsyncSession, action: AuditAction, workspace_id: str, own: OwnRole) -> None:
    await record_act(
        session,
        action,
        workspace_id,
        kind="role",
        target_id=own.id,
        name=own.role.name,
        permissions=[permission.value for permission in sorted(own.role.permissions)],
    )


def _own(row: Row[*tuple[object, ...]]) -> OwnRole:
    role = Role(str(row.name), permissions_named(row.permissions))
    return OwnRole(id=row.id, role=role, description=row.description)
