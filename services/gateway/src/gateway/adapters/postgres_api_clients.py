"""API clients in Postgres, with the digests of their secrets."""

from datetime import datetime
from typing import Final

from sqlalchemy import Row, bindparam, select, update

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.sign_in import ApiClient
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.identity_tables import api_clients
from gateway.adapters.live_credentials import NOW, live_clients
from gateway.adapters.member_roles import role_in
from gateway.adapters.tables import users
from gateway.adapters.tenant import TenantRows
from gateway.identity_ports import KeptApiClient, LiveClient
from gateway.ports import RotationOutcome

_c = api_clients.c
_MAKER: Final = select(users.c.email).where(users.c.id == _c.user_id).scalar_subquery()
LIVE: Final = Query(live_clients(NOW).where(_c.id == bindparam("id")))


class PostgresApiClientStore:
    """ApiClientStore over the table `api_clients`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, client: ApiClient, *, digest: bytes, workspace_id: str, user_id: str) -> None:
        """Store a client."""
        async with self._database.transaction(workspace_id) as session:
            await TenantRows(session, api_clients, workspace_id).add(
                id=client.id,
                user_id=user_id,
                name=client.name,
                digest=digest,
                scopes=client.scopes,
                created_at=client.created_at,
                expires_at=client.expires_at,
            )
            await record_act(
                session,
                AuditAction.CLIENT_CREATED,
                workspace_id,
                kind="client",
                target_id=client.id,
                name=client.name,
                scopes=list(client.scopes),
            )

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[ApiClient]:
        """Return clients that were not revoked, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, api_clients, workspace_id)
                .page(after=after, limit=limit)
                .add_columns(_MAKER)
                .where(_c.revoked_at.is_(None))
            )
            return [_client(row) for row in await session.execute(query)]

    async def revoke(self, workspace_id: str, client_id: str, *, now: datetime) -> bool:
        """Revoke a client for good."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_clients, workspace_id)
            change = rows.update().where(rows.of_id(client_id), _c.revoked_at.is_(None))
            if (await session.execute(change.values(revoked_at=now).returning(_c.id))).first() is None:
                return False
            await record_act(
                session, AuditAction.CLIENT_REVOKED, workspace_id, kind="client", target_id=client_id
            )
            return True

    async def find(self, workspace_id: str, client_id: str) -> KeptApiClient | None:
        """Return a client that was not revoked."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_clients, workspace_id)
            query = rows.select().add_columns(_MAKER).where(rows.of_id(client_id), _c.revoked_at.is_(None))
            row = (await session.execute(query)).first()
        return None if row is None else KeptApiClient(_client(row), row.user_id)

    async def rotate(
        self, workspace_id: str, client_id: str, *, digest: bytes, now: datetime, ends_at: datetime
    ) -> RotationOutcome:
        """Give a client a new secret under its lock, so that of two who rotate at once one is refused."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, api_clients, workspace_id)
            mine = rows.select().where(rows.of_id(client_id), _c.revoked_at.is_(None))
            old = (await session.execute(mine.with_for_update())).first()
            if old is None:
                return "missing"
            if old.old_digest_until is not None and old.old_digest_until > now:
                return "rotated"
            change = rows.update().where(rows.of_id(client_id))
            await session.execute(
                change.values(digest=digest, old_digest=old.digest, old_digest_until=ends_at)
            )
            await record_act(
                session,
                AuditAction.CLIENT_ROTATED,
                workspace_id,
                kind="client",
                target_id=client_id,
                name=old.name,
                ends_at=ends_at.isoformat(),
            )
        return "done"

    async def live(self, client_id: str, *, now: datetime) -> LiveClient | None:
        """Return a client that may act; its id says which workspace it belongs to."""
        if not is_id(client_id):
            return None
        parameters = {"id": client_id, "now": now}
        rows = await self._database.found(LIVE, parameters, workspace=EVERY_WORKSPACE)
        if not rows:
            return None
        row = rows[0]
        return LiveClient(
            id=row.id,
            user_id=row.user_id,
            email=row.email,
            workspace_id=row.workspace_id,
            role=role_in(row),
            scopes=tuple(row.scopes),
            digests=tuple(map(bytes, (row.digest, *_old(row, now)))),
        )

    async def touch(self, client_id: str, *, now: datetime) -> None:
        """Note when the client last got a token."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(update(api_clients).where(_c.id == client_id).values(last_used_at=now))


def _client(row: Row[*tuple[object, ...]]) -> ApiClient:
    return ApiClient(
        id=row.id,
        name=row.name,
        scopes=row.scopes,
        created_by=str(row[-1]),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        old_secret_until=row.old_digest_until,
    )


def _old(row: Row[*tuple[object, ...]], now: datetime) -> tuple[bytes, ...]:
    """Return the digest of the secret before the present one while it works."""
    until = row.old_digest_until
    return () if until is None or until <= now else (row.old_digest,)
