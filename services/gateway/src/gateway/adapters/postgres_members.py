"""Members and workspaces in Postgres."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import Workspace
from flowloom_contracts.audit import AuditAction
from flowloom_contracts.identity import Member
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.account_states import disable_account, enable_account
from gateway.adapters.audit_trail import record_act
from gateway.adapters.identity_tables import api_clients, second_factors
from gateway.adapters.live_credentials import Found
from gateway.adapters.member_roles import PERMISSIONS_OF_ROLE, holds, role_in, with_roles
from gateway.adapters.tables import api_keys, members, sessions, users, workspaces
from gateway.adapters.tenant import TenantRows
from gateway.domain.permissions import Role
from gateway.identity_ports import MemberOutcome

_m = members.c


class PostgresMemberStore:
    """MemberStore over the table `members`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[Member]:
        """Return members by the ids of their accounts, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = _rows(session, workspace_id).order_by(_m.user_id.desc()).limit(limit)
            if after is not None:
                query = query.where(_m.user_id < after)
            rows = (await session.execute(query)).all()
        return await self._shown(rows)

    async def get(self, workspace_id: str, user_id: str) -> Member | None:
        """Return one member."""
        if not is_id(user_id):
            return None
        async with self._database.transaction(workspace_id) as session:
            row = (await session.execute(_rows(session, workspace_id).where(_m.user_id == user_id))).first()
        return None if row is None else (await self._shown([row]))[0]

    async def give_role(self, workspace_id: str, user_id: str, role: Role) -> MemberOutcome:
        """Change what a member is."""
        return await self._change(workspace_id, user_id, keeps_owner=role == Role.OWNER, role=role.name)

    async def suspend(self, workspace_id: str, user_id: str, *, since: datetime | None) -> MemberOutcome:
        """Let a member in no longer, or again."""
        return await self._change(workspace_id, user_id, keeps_owner=since is None, suspended_at=since)

    async def disable(self, workspace_id: str, user_id: str, *, by: str, now: datetime) -> MemberOutcome:
        """Disable the account of a member with everything that acts for it."""
        return await disable_account(self._database, workspace_id, user_id, by=by, now=now)

    async def enable(self, workspace_id: str, user_id: str, *, by: str) -> MemberOutcome:
        """Let the account of a member sign in again."""
        return await enable_account(self._database, workspace_id, user_id, by=by)

    async def remove(self, workspace_id: str, user_id: str, *, now: datetime) -> MemberOutcome:
        """End a membership, with what acts for it here: coming back begins anew."""
        async with self._database.transaction(workspace_id) as session:
            outcome = await _may_change(session, workspace_id, user_id, keeps_owner=False)
            if outcome == "done":
                rows = TenantRows(session, members, workspace_id)
                await session.execute(rows.delete().where(_m.user_id == user_id))
                await _end_credentials(session, workspace_id, user_id, now)
                await record_act(
                    session, AuditAction.MEMBER_REMOVED, workspace_id, kind="member", target_id=user_id
                )
        return outcome

    async def _shown(self, rows: Sequence[Row[*tuple[object, ...]]]) -> list[Member]:
        """Add who has a second factor: factors belong to people, and no workspace may read them."""
        query = select(second_factors.c.user_id).where(
            second_factors.c.user_id.in_([row.user_id for row in rows]),
            second_factors.c.confirmed_at.is_not(None),
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            enrolled = set(await session.scalars(query))
        return [_member(row, row.user_id in enrolled) for row in rows]

    async def _change(
        self, workspace_id: str, user_id: str, *, keeps_owner: bool, **values: object
    ) -> MemberOutcome:
        async with self._database.transaction(workspace_id) as session:
            outcome = await _may_change(session, workspace_id, user_id, keeps_owner=keeps_owner)
            role = values.get("role")
            if outcome == "done" and isinstance(role, str) and not await holds(session, workspace_id, role):
                outcome = "no_role"
            if outcome == "done":
                rows = TenantRows(session, members, workspace_id)
                await session.execute(rows.update().where(_m.user_id == user_id).values(**values))
                await record_act(
                    session,
                    AuditAction.MEMBER_ROLE_CHANGED,
                    workspace_id,
                    kind="member",
                    target_id=user_id,
                    changes={name: None if value is None else str(value) for name, value in values.items()},
                )
        return outcome


class PostgresWorkspaceStore:
    """WorkspaceStore over the table `workspaces`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, user_id: str) -> list[tuple[Workspace, Role]]:
        """Return the workspaces that let a person in."""
        query = (
            select(workspaces.c.id, workspaces.c.name, _m.role, PERMISSIONS_OF_ROLE)
            .select_from(with_roles(workspaces.join(members, _m.workspace_id == workspaces.c.id), members))
            .where(_m.user_id == user_id, _m.suspended_at.is_(None))
            .order_by(_m.created_at, workspaces.c.id)
        )
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            found = await session.execute(query)
            return [(Workspace(id=row.id, name=row.name), role_in(row)) for row in found]

    async def create(self, workspace: Workspace, *, owner_id: str, now: datetime) -> None:
        """Create a workspace with its owner."""
        async with self._database.transaction(workspace.id) as session:
            await session.execute(
                insert(workspaces).values(id=workspace.id, name=workspace.name, created_at=now)
            )
            await TenantRows(session, members, workspace.id).add(
                user_id=owner_id, role=Role.OWNER.name, created_at=now
            )
            await record_act(
                session,
                AuditAction.WORKSPACE_CREATED,
                workspace.id,
                kind="workspace",
                target_id=workspace.id,
                name=workspace.name,
            )


async def _may_change(
    session: AsyncSession, workspace_id: str, user_id: str, *, keeps_owner: bool
) -> MemberOutcome:
    """Lock the owners, so that of two who go at once one stays, then the member."""
    if not is_id(user_id):
        return "missing"
    rows = TenantRows(session, members, workspace_id)
    is_owner = (_m.role == Role.OWNER.name) & _m.suspended_at.is_(None)
    locked = await session.execute(
        rows.select(_m.user_id).where(is_owner).order_by(_m.user_id).with_for_update()
    )
    owners = {str(row[0]) for row in locked}
    if not keeps_owner and owners == {user_id}:
        return "last_owner"
    found = await session.execute(rows.select(_m.user_id).where(_m.user_id == user_id).with_for_update())
    return "missing" if found.first() is None else "done"


async def _end_credentials(session: AsyncSession, workspace_id: str, user_id: str, now: datetime) -> None:
    for table in (sessions, api_keys, api_clients):
        rows = TenantRows(session, table, workspace_id)
        change = rows.update().where(table.c.user_id == user_id, table.c.revoked_at.is_(None))
        await session.execute(change.values(revoked_at=now))


def _rows(session: AsyncSession, workspace_id: str) -> Found:
    return (
        TenantRows(session, members, workspace_id)
        .select(
            _m.user_id,
            users.c.email,
            _m.role,
            PERMISSIONS_OF_ROLE,
            _m.created_at.label("joined_at"),
            _m.suspended_at,
            users.c.disabled_at,
            _m.provider,
        )
        .select_from(with_roles(members.join(users, users.c.id == _m.user_id), members))
    )


def _member(row: Row[*tuple[object, ...]], has_second_factor: bool) -> Member:
    return Member(
        user_id=row.user_id,
        email=row.email,
        role=row.role,
        permissions=sorted(role_in(row).permissions),
        joined_at=row.joined_at,
        suspended=row.suspended_at is not None,
        disabled=row.disabled_at is not None,
        provider=row.provider,
        second_factor=has_second_factor,
    )
