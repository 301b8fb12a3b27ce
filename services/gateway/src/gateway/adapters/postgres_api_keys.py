"""API keys in Postgres, by their digests."""

from datetime import datetime
from typing import Final

from sqlalchemy import Row, bindparam, update

from flowloom_contracts.api import ApiKey
from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.live_credentials import NOW, live_keys
from gateway.adapters.member_roles import role_in
from gateway.adapters.tables import api_keys
from gateway.adapters.tenant import TenantRows
from gateway.ports import KeptApiKey, LiveKey, RotationOutcome

LIVE: Final = Query(live_keys(NOW).where(api_keys.c.digest == bindparam("digest")))


class PostgresApiKeyStore:
    """ApiKeyStore over the table `api_keys`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """Store a key."""
        async with self._database.transaction(workspace_id) as session:
            await TenantRows(session, api_keys, workspace_id).add(**_values(key, digest, user_id))
            await record_act(
                session,
                AuditAction.KEY_CREATED,
                workspace_id,
                kind="api_key",
                target_id=key.id,
                name=key.name,
                prefix=key.prefix,
                scopes=list(key.scopes),
            )

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiKey]:
        """Return keys that were not revoked, newest first."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_keys, workspace_id)
            query = rows.page(after=after, limit=limit).where(api_keys.c.revoked_at.is_(None))
            return [_key(row) for row in await session.execute(query)]

    async def revoke(self, workspace_id: str, key_id: str, *, now: datetime) -> bool:
        """Revoke a key for good."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_keys, workspace_id)
            change = rows.update().where(rows.of_id(key_id), api_keys.c.revoked_at.is_(None))
            done = await session.execute(change.values(revoked_at=now).returning(api_keys.c.id))
            if done.first() is None:
                return False
            await record_act(session, AuditAction.KEY_REVOKED, workspace_id, kind="api_key", target_id=key_id)
            return True

    async def find(self, workspace_id: str, key_id: str) -> KeptApiKey | None:
        """Return a key that was not revoked."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_keys, workspace_id)
            query = rows.select().where(rows.of_id(key_id), api_keys.c.revoked_at.is_(None))
            row = (await session.execute(query)).first()
        return None if row is None else KeptApiKey(_key(row), row.user_id)

    async def rotate(
        self, workspace_id: str, key_id: str, successor: KeptApiKey, *, digest: bytes, ends_at: datetime
    ) -> RotationOutcome:
        """Store the successor of a key under its lock, so that of two who rotate at once one is refused."""
        new, k = successor.shown, api_keys.c
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_keys, workspace_id)
            mine = rows.select().where(rows.of_id(key_id), k.revoked_at.is_(None))
            old = (await session.execute(mine.with_for_update())).first()
            if old is None:
                return "missing"
            beside = (k.replaces == key_id) | ((k.id == old.replaces) & (k.expires_at > new.created_at))
            if (await session.execute(rows.select(k.id).where(beside, k.revoked_at.is_(None)))).first():
                return "rotated"
            ends = ends_at if old.expires_at is None else min(ends_at, old.expires_at)
            await session.execute(rows.update().where(k.id == key_id).values(expires_at=ends))
            await rows.add(replaces=key_id, **_values(new, digest, successor.user_id))
            await record_act(
                session,
                AuditAction.KEY_ROTATED,
                workspace_id,
                kind="api_key",
                target_id=key_id,
                name=new.name,
                successor=new.id,
                ends_at=ends.isoformat(),
            )
        return "done"

    async def live_key(self, digest: bytes, *, now: datetime) -> LiveKey | None:
        """Return a key that may act; found by its digest, because the key itself says whose it is."""
        found = await self._database.found(LIVE, {"digest": digest, "now": now}, workspace=EVERY_WORKSPACE)
        if not found:
            return None
        row = found[0]
        return LiveKey(
            id=row.id,
            user_id=row.user_id,
            email=row.email,
            workspace_id=row.workspace_id,
            role=role_in(row),
            scopes=tuple(row.scopes),
            last_used_at=row.last_used_at,
        )

    async def touch(self, key_id: str, *, now: datetime) -> None:
        """Note when the key was last used."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=now))


def _values(key: ApiKey, digest: bytes, user_id: str) -> dict[str, object]:
    kept = ("id", "name", "prefix", "scopes", "created_at", "expires_at")
    return {name: getattr(key, name) for name in kept} | {"digest": digest, "user_id": user_id}


def _key(row: Row[*tuple[object, ...]]) -> ApiKey:
    return ApiKey.model_validate(
        {name: getattr(row, name) for name in ApiKey.model_fields}, from_attributes=False
    )
