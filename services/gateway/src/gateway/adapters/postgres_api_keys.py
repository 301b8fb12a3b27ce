"""API keys in Postgres, by their digests."""

from datetime import datetime

from sqlalchemy import Row, and_, select, update

from flowloom_contracts.api import ApiKey
from flowloom_servicekit.database import Database
from gateway.adapters.tables import api_keys, members, users
from gateway.adapters.tenant import TenantRows
from gateway.domain.permissions import Role
from gateway.ports import LiveKey


class PostgresApiKeyStore:
    """ApiKeyStore over the table `api_keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """Store a key."""
        async with self._database.transaction() as session:
            await TenantRows(session, api_keys, workspace_id).add(
                id=key.id,
                user_id=user_id,
                name=key.name,
                prefix=key.prefix,
                digest=digest,
                scopes=key.scopes,
                created_at=key.created_at,
                expires_at=key.expires_at,
            )

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiKey]:
        """Return keys that were not revoked, newest first."""
        async with self._database.transaction() as session:
            rows = TenantRows(session, api_keys, workspace_id)
            query = rows.page(after=after, limit=limit).where(api_keys.c.revoked_at.is_(None))
            return [_key(row) for row in await session.execute(query)]

    async def revoke(self, workspace_id: str, key_id: str, *, now: datetime) -> bool:
        """Revoke a key for good."""
        async with self._database.transaction() as session:
            rows = TenantRows(session, api_keys, workspace_id)
            change = rows.update().where(rows.of_id(key_id), api_keys.c.revoked_at.is_(None))
            done = await session.execute(change.values(revoked_at=now).returning(api_keys.c.id))
            return done.first() is not None

    async def live_key(self, digest: bytes, *, now: datetime) -> LiveKey | None:
        """Return a key that may act; found by its digest, because the key itself says whose it is."""
        query = (
            select(
                api_keys.c.id,
                api_keys.c.user_id,
                api_keys.c.workspace_id,
                members.c.role,
                api_keys.c.scopes,
                api_keys.c.last_used_at,
            )
            .join(users, users.c.id == api_keys.c.user_id)
            .join(
                members,
                and_(
                    members.c.user_id == api_keys.c.user_id,
                    members.c.workspace_id == api_keys.c.workspace_id,
                ),
            )
            .where(
                api_keys.c.digest == digest,
                api_keys.c.revoked_at.is_(None),
                users.c.disabled_at.is_(None),
                (api_keys.c.expires_at.is_(None)) | (api_keys.c.expires_at > now),
            )
        )
        async with self._database.transaction() as session:
            row = (await session.execute(query)).first()
        if row is None:
            return None
        return LiveKey(
            id=row[0],
            user_id=row[1],
            workspace_id=row[2],
            role=Role(row[3]),
            scopes=tuple(row[4]),
            last_used_at=row[5],
        )

    async def touch(self, key_id: str, *, now: datetime) -> None:
        """Note when the key was last used."""
        async with self._database.transaction() as session:
            await session.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def _key(row: Row[*tuple[object, ...]]) -> ApiKey:
    return ApiKey.model_validate(
        {name: getattr(row, name) for name in ApiKey.model_fields}, from_attributes=False
    )
