"""Users, workspaces, members and sessions in Postgres."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import FromClause, Row, bindparam, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import User, Workspace
from flowloom_contracts.audit import AuditAction, AuditActor, AuditTarget
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import INTO_LOG, entry_of, record_act
from gateway.adapters.identity_tables import second_factors
from gateway.adapters.live_credentials import NOW, live_sessions, roles_of_live
from gateway.adapters.member_roles import PERMISSIONS_OF_ROLE, role_in, with_roles
from gateway.adapters.tables import (
    installations,
    members,
    refresh_tokens,
    sessions,
    users,
    workspaces,
)
from gateway.domain.permissions import Role
from gateway.domain.texts import account_key
from gateway.ports import Account, LiveSession, NewOwner, NewSession, Renewal

REUSED: Final = "a used refresh token came again"


def _with_memberships() -> FromClause:
    joined = users.join(members, members.c.user_id == users.c.id).join(
        workspaces, workspaces.c.id == members.c.workspace_id
    )
    return with_roles(joined, members)


ACCOUNT: Final = Query(
    select(
        users.c.id.label("user_id"),
        users.c.email,
        users.c.password_hash,
        members.c.role,
        PERMISSIONS_OF_ROLE,
        workspaces.c.id.label("workspace_id"),
        workspaces.c.name,
        exists()
        .where(second_factors.c.user_id == users.c.id, second_factors.c.confirmed_at.is_not(None))
        .label("has_second_factor"),
    )
    .select_from(_with_memberships())
    .where(
        users.c.email_key == bindparam("email_key"),
        users.c.disabled_at.is_(None),
        members.c.suspended_at.is_(None),
    )
    .order_by(members.c.created_at, workspaces.c.id)
    .limit(1)
)
LIVE: Final = Query(live_sessions(NOW).where(sessions.c.id == bindparam("id")))
ROLES: Final = Query(roles_of_live())

OPEN: Final = Statement(
    """
with opened as (
    insert into gateway.sessions
        (id, workspace_id, user_id, created_at, ends_at, device, address, last_used_at)
    values (:id::uuid, :workspace_id::uuid, :user_id::uuid, :now::timestamptz, :ends_at, :device::text,
            :address::text, :now)
), kept as (
    insert into gateway.refresh_tokens (digest, session_id, created_at, expires_at)
    values (:digest, :id, :now, :refresh_until)
)
"""  # noqa: S608 - constants only
    + INTO_LOG
)


class PostgresAccountStore:
    """AccountStore and Credentials over the tables of the schema `gateway`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_set_up(self) -> bool:
        """Whether an owner exists."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return (await session.execute(select(installations.c.one))).first() is not None

    async def create_owner(self, owner: NewOwner, *, now: datetime) -> bool:
        """Create the first account; the row of `installations` decides a race."""
        try:
            async with self._database.transaction(EVERY_WORKSPACE) as session:
                await session.execute(insert(installations).values(one=1, set_up_at=now))
                await _insert_owner(session, owner, now)
        except IntegrityError:
            return False
        return True

    async def find_account(self, email_key: str) -> Account | None:
        """Return the account with the workspace it joined first."""
        rows = await self._database.found(ACCOUNT, {"email_key": email_key}, workspace=EVERY_WORKSPACE)
        if not rows:
            return None
        row = rows[0]
        return Account(
            user=User(id=row.user_id, email=row.email),
            workspace=Workspace(id=row.workspace_id, name=row.name),
            role=role_in(row),
            password_hash=row.password_hash,
            has_second_factor=row.has_second_factor,
        )

    async def open_session(self, session: NewSession, *, now: datetime) -> None:
        """Store a session with its first refresh token."""
        entry = entry_of(
            AuditAction.SESSION_OPENED,
            session.workspace_id,
            AuditTarget(kind="session", id=session.id),
            actor=AuditActor(kind="user", id=session.user_id),
            address=session.visit.address,
        )
        parameters = {
            **entry,
            "id": session.id,
            "user_id": session.user_id,
            "now": now,
            "ends_at": session.ends_at,
            "device": session.visit.device,
            "address": session.visit.address,
            "digest": session.refresh_digest,
            "refresh_until": session.refresh_until,
        }
        await self._database.rows(OPEN, parameters, workspace=EVERY_WORKSPACE)

    async def renew_session(self, renewal: Renewal) -> LiveSession | None:
        """Swap a refresh token under its row lock, so that of two racing calls one is a reuse."""
        async with self._database.transaction(EVERY_WORKSPACE) as transaction:
            token = (
                await transaction.execute(
                    select(refresh_tokens)
                    .where(refresh_tokens.c.digest == renewal.presented)
                    .with_for_update()
                )
            ).first()
            if token is None or token.expires_at <= renewal.now:
                return None
            if token.used_at is not None:
                await _revoke(transaction, token.session_id, now=renewal.now, because=REUSED)
                return None
            live = await _live(transaction, token.session_id, renewal.now)
            if live is None:
                return None
            await transaction.execute(
                update(refresh_tokens)
                .where(refresh_tokens.c.digest == renewal.presented)
                .values(used_at=renewal.now)
            )
            await _add_refresh(
                transaction,
                live.id,
                digest=renewal.replacement,
                now=renewal.now,
                until=renewal.refresh_until,
            )
            await transaction.execute(
                update(sessions)
                .where(sessions.c.id == live.id)
                .values(last_used_at=renewal.now, device=renewal.visit.device, address=renewal.visit.address)
            )
            return live

    async def close_session(self, refresh_digest: bytes, *, now: datetime) -> None:
        """End the session that a refresh token, used or not, belongs to."""
        async with self._database.transaction(EVERY_WORKSPACE) as transaction:
            session_id = await transaction.scalar(
                select(refresh_tokens.c.session_id).where(refresh_tokens.c.digest == refresh_digest)
            )
            if session_id is not None:
                await _revoke(transaction, session_id, now=now, because="signed out")

    async def live_session(self, session_id: str, *, now: datetime) -> LiveSession | None:
        """Return a session that may act, else None."""
        parameters = {"id": session_id, "now": now}
        rows = await self._database.found(LIVE, parameters, workspace=EVERY_WORKSPACE)
        return _session(rows[0]) if rows else None

    async def find_member(self, user_id: str, workspace_id: str) -> tuple[User, Workspace, Role] | None:
        """Return a person and the workspace they are a member of."""
        query = (
            select(
                users.c.id.label("user_id"),
                users.c.email,
                workspaces.c.id.label("workspace_id"),
                workspaces.c.name,
                members.c.role,
                PERMISSIONS_OF_ROLE,
            )
            .select_from(_with_memberships())
            .where(
                members.c.user_id == user_id,
                members.c.workspace_id == workspace_id,
                members.c.suspended_at.is_(None),
                users.c.disabled_at.is_(None),
            )
        )
        async with self._database.transaction(workspace_id) as session:
            row = (await session.execute(query)).first()
        if row is None:
            return None
        workspace = Workspace(id=row.workspace_id, name=row.name)
        return User(id=row.user_id, email=row.email), workspace, role_in(row)

    async def roles_of(self, credential_ids: Collection[str], *, now: datetime) -> dict[str, Role]:
        """Return the roles of the credentials that may act."""
        parameters = {"ids": list(credential_ids), "now": now}
        rows = await self._database.found(ROLES, parameters, workspace=EVERY_WORKSPACE)
        return {row.id: role_in(row) for row in rows}


async def _live(session: AsyncSession, session_id: str, now: datetime) -> LiveSession | None:
    row = (await session.execute(live_sessions(now).where(sessions.c.id == session_id))).first()
    return None if row is None else _session(row)


def _session(row: Row[*tuple[object, ...]]) -> LiveSession:
    user = User(id=row.user_id, email=row.email)
    return LiveSession(id=row.id, user=user, workspace_id=row.workspace_id, role=role_in(row))


async def _revoke(session: AsyncSession, session_id: str, *, now: datetime, because: str) -> None:
    change = (
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_because=because)
    )
    ended = await session.execute(change.returning(sessions.c.workspace_id, sessions.c.user_id))
    for workspace_id, user_id in ended:
        await record_act(
            session,
            AuditAction.SESSION_REVOKED if because == REUSED else AuditAction.SESSION_CLOSED,
            workspace_id,
            kind="session",
            target_id=session_id,
            actor=AuditActor(kind="user", id=user_id),
            because=because,
        )


async def _add_refresh(
    session: AsyncSession, session_id: str, *, digest: bytes, now: datetime, until: datetime
) -> None:
    await session.execute(
        insert(refresh_tokens).values(digest=digest, session_id=session_id, created_at=now, expires_at=until)
    )


async def _insert_owner(session: AsyncSession, owner: NewOwner, now: datetime) -> None:
    await session.execute(
        insert(users).values(
            id=owner.user_id,
            email=owner.email,
            email_key=account_key(owner.email),
            password_hash=owner.password_hash,
            created_at=now,
        )
    )
    await session.execute(
        insert(workspaces).values(id=owner.workspace_id, name=owner.workspace, created_at=now)
    )
    await session.execute(
        insert(members).values(
            workspace_id=owner.workspace_id, user_id=owner.user_id, role=Role.OWNER.name, created_at=now
        )
    )
