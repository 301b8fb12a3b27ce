"""Users, workspaces, members and sessions in Postgres."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Row, Select, and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import User, Workspace
from flowloom_servicekit.database import Database
from gateway.adapters.tables import (
    api_keys,
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


class PostgresAccountStore:
    """AccountStore and Credentials over the tables of the schema `gateway`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_set_up(self) -> bool:
        """Whether an owner exists."""
        async with self._database.transaction() as session:
            return (await session.execute(select(installations.c.one))).first() is not None

    async def create_owner(self, owner: NewOwner, *, now: datetime) -> bool:
        """Create the first account; the row of `installations` decides a race."""
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(installations).values(one=1, set_up_at=now))
                await _insert_owner(session, owner, now)
        except IntegrityError:
            return False
        return True

    async def find_account(self, email_key: str) -> Account | None:
        """Return the account with the workspace it joined first."""
        query = (
            select(
                users.c.id,
                users.c.email,
                users.c.password_hash,
                members.c.role,
                workspaces.c.id,
                workspaces.c.name,
            )
            .join(members, members.c.user_id == users.c.id)
            .join(workspaces, workspaces.c.id == members.c.workspace_id)
            .where(users.c.email_key == email_key, users.c.disabled_at.is_(None))
            .order_by(members.c.created_at, workspaces.c.id)
            .limit(1)
        )
        async with self._database.transaction() as session:
            row = (await session.execute(query)).first()
        if row is None:
            return None
        return Account(
            user=User(id=row[0], email=row[1]),
            workspace=Workspace(id=row[4], name=row[5]),
            role=Role(row[3]),
            password_hash=row[2],
        )

    async def open_session(self, session: NewSession, *, now: datetime) -> None:
        """Store a session with its first refresh token."""
        async with self._database.transaction() as transaction:
            await transaction.execute(
                insert(sessions).values(
                    id=session.id,
                    workspace_id=session.workspace_id,
                    user_id=session.user_id,
                    created_at=now,
                    ends_at=session.ends_at,
                )
            )
            await _add_refresh(
                transaction, session.id, digest=session.refresh_digest, now=now, until=session.refresh_until
            )

    async def renew_session(self, renewal: Renewal) -> LiveSession | None:
        """Swap a refresh token under its row lock, so that of two racing calls one is a reuse."""
        async with self._database.transaction() as transaction:
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
            return live

    async def close_session(self, refresh_digest: bytes, *, now: datetime) -> None:
        """End the session that a refresh token, used or not, belongs to."""
        async with self._database.transaction() as transaction:
            session_id = await transaction.scalar(
                select(refresh_tokens.c.session_id).where(refresh_tokens.c.digest == refresh_digest)
            )
            if session_id is not None:
                await _revoke(transaction, session_id, now=now, because="signed out")

    async def live_session(self, session_id: str, *, now: datetime) -> LiveSession | None:
        """Return a session that may act, else None."""
        async with self._database.transaction() as transaction:
            return await _live(transaction, session_id, now)

    async def find_member(self, user_id: str, workspace_id: str) -> tuple[User, Workspace, Role] | None:
        """Return a person and the workspace they are a member of."""
        query = (
            select(users.c.id, users.c.email, workspaces.c.id, workspaces.c.name, members.c.role)
            .join(members, members.c.user_id == users.c.id)
            .join(workspaces, workspaces.c.id == members.c.workspace_id)
            .where(members.c.user_id == user_id, members.c.workspace_id == workspace_id)
        )
        async with self._database.transaction() as session:
            row = (await session.execute(query)).first()
        if row is None:
            return None
        return User(id=row[0], email=row[1]), Workspace(id=row[2], name=row[3]), Role(row[4])

    async def ended(
        self, *, session_ids: Collection[str], key_ids: Collection[str], now: datetime
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return those of the sessions and keys that may act no longer."""
        async with self._database.transaction() as transaction:
            alive = set(await transaction.scalars(_live_sessions(now).where(sessions.c.id.in_(session_ids))))
            usable = set(
                await transaction.scalars(
                    select(api_keys.c.id)
                    .join(users, users.c.id == api_keys.c.user_id)
                    .where(
                        api_keys.c.id.in_(key_ids),
                        api_keys.c.revoked_at.is_(None),
                        users.c.disabled_at.is_(None),
                        (api_keys.c.expires_at.is_(None)) | (api_keys.c.expires_at > now),
                    )
                )
            )
        return frozenset(session_ids) - alive, frozenset(key_ids) - usable


def _live_sessions(now: datetime) -> Select[str, str, str, str, str]:
    """Return the query of sessions that may act; a session's person must still be a member."""
    return (
        select(sessions.c.id, users.c.id, users.c.email, sessions.c.workspace_id, members.c.role)
        .join(users, users.c.id == sessions.c.user_id)
        .join(
            members,
            and_(members.c.user_id == sessions.c.user_id, members.c.workspace_id == sessions.c.workspace_id),
        )
        .where(sessions.c.revoked_at.is_(None), sessions.c.ends_at > now, users.c.disabled_at.is_(None))
    )


async def _live(session: AsyncSession, session_id: str, now: datetime) -> LiveSession | None:
    row: Row[str, str, str, str, str] | None = (
        await session.execute(_live_sessions(now).where(sessions.c.id == session_id))
    ).first()
    if row is None:
        return None
    return LiveSession(id=row[0], user=User(id=row[1], email=row[2]), workspace_id=row[3], role=Role(row[4]))


async def _revoke(session: AsyncSession, session_id: str, *, now: datetime, because: str) -> None:
    await session.execute(
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_because=because)
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
            workspace_id=owner.workspace_id, user_id=owner.user_id, role=Role.OWNER.value, created_at=now
        )
    )
