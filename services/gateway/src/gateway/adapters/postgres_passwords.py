"""Passwords and reset links in Postgres."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import User
from flowloom_contracts.audit import AuditAction, AuditActor
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_of_person
from gateway.adapters.identity_tables import password_resets
from gateway.adapters.live_credentials import Found
from gateway.adapters.tables import sessions, users

_r = password_resets.c


class PostgresPasswordStore:
    """PasswordStore over the tables `users` and `password_resets`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, user_id: str) -> tuple[User, str | None] | None:
        """Return a person with their hash."""
        query = select(users.c.id, users.c.email, users.c.password_hash).where(users.c.id == user_id)
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(query)).first()
        return None if row is None else (User(id=row.id, email=row.email), row.password_hash)

    async def put(self, user_id: str, password_hash: str, *, now: datetime) -> None:
        """Set a password, end every session, use up every link."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await _put(session, user_id, password_hash, now)
            await record_of_person(session, AuditAction.PASSWORD_CHANGED, user_id)

    async def rehash(self, user_id: str, before: str, after: str) -> None:
        """Store the same password under newer parameters."""
        change = update(users).where(users.c.id == user_id, users.c.password_hash == before)
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(change.values(password_hash=after))

    async def add_reset(self, user_id: str, digest: bytes, *, now: datetime, until: datetime) -> None:
        """Store a link, and forget those that are long over."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(password_resets).where(_r.user_id == user_id, _r.expires_at <= now))
            await session.execute(
                insert(password_resets).values(
                    digest=digest, user_id=user_id, created_at=now, expires_at=until
                )
            )
            await record_of_person(session, AuditAction.PASSWORD_RESET_ASKED, user_id)

    async def find_reset(self, digest: bytes, *, now: datetime) -> User | None:
        """Return the person of an open link."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(_open(digest, now))).first()
        return None if row is None else User(id=row.id, email=row.email)

    async def use_reset(self, digest: bytes, password_hash: str, *, now: datetime) -> User | None:
        """Set the password of an open link's person; of two at once the second finds it used."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            row = (await session.execute(_open(digest, now).with_for_update(of=password_resets))).first()
            if row is None:
                return None
            await _put(session, row.id, password_hash, now)
            holder = AuditActor(kind="user", id=row.id, email=row.email)
            await record_of_person(
                session, AuditAction.PASSWORD_CHANGED, row.id, actor=holder, change="by a link"
            )
            return User(id=row.id, email=row.email)


def _open(digest: bytes, now: datetime) -> Found:
    return (
        select(users.c.id, users.c.email)
        .select_from(password_resets.join(users, users.c.id == _r.user_id))
        .where(_r.digest == digest, _r.used_at.is_(None), _r.expires_at > now, users.c.disabled_at.is_(None))
    )


async def _put(session: AsyncSession, user_id: str, password_hash: str, now: datetime) -> None:
    await session.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
    await session.execute(
        update(sessions)
        .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_because="the password was changed")
    )
    await session.execute(
        update(password_resets).where(_r.user_id == user_id, _r.used_at.is_(None)).values(used_at=now)
    )
