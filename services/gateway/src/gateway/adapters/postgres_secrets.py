"""Sealed secrets in Postgres."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Row, Table, select, update
from sqlalchemy.exc import IntegrityError

from flowloom_contracts.api import Secret
from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.identity_tables import second_factors
from gateway.adapters.tables import secrets, triggers
from gateway.adapters.tables_of_desk import models
from gateway.adapters.tables_of_notices import webhook_endpoints
from gateway.adapters.tenant import TenantRows
from gateway.domain.shown_secrets import later, shown_secret
from gateway.vault_ports import Place, Purpose, Sealed, SealedRow, take_any

_s = secrets.c
ATTEMPTS: Final = 3
_PLACES: Final[dict[Purpose, tuple[Table, str, str]]] = {
    "secrets": (secrets, "id", "sealed"),
    "webhooks": (triggers, "id", "sealed_secret"),
    "models": (models, "id", "sealed"),
    "second_factors": (second_factors, "user_id", "sealed"),
    "endpoints": (webhook_endpoints, "id", "sealed"),
}


class PostgresSecretStore:
    """SecretStore and SealedRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[tuple[str, Secret]]:
        """Return ids and secrets without values, newest first."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, secrets, workspace_id).page(after=after, limit=limit)
            return [(row.id, _secret(row)) for row in await session.execute(query)]

    async def names(self, workspace_id: str) -> frozenset[str]:
        """Return the names of this workspace's secrets."""
        async with self._database.transaction(workspace_id) as session:
            found = await session.execute(TenantRows(session, secrets, workspace_id).select(_s.name))
            return frozenset(str(row[0]) for row in found)

    async def put(
        self,
        workspace_id: str,
        name: str,
        seal: Callable[[Place], Sealed],
        *,
        check: Callable[[Secret | None], None] = take_any,
        now: datetime,
    ) -> Secret:
        """Store a value under a name; when two create it at once the second finds the row of the first."""
        for _ in range(ATTEMPTS):
            try:
                return await self._put_once(workspace_id, name, seal, check=check, now=now)
            except IntegrityError:
                continue
        raise StorageUnavailableError("The secret is being saved by others; try again.")

    async def _put_once(
        self,
        workspace_id: str,
        name: str,
        seal: Callable[[Place], Sealed],
        *,
        check: Callable[[Secret | None], None],
        now: datetime,
    ) -> Secret:
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, secrets, workspace_id)
            found = (await session.execute(rows.select().where(_s.name == name).with_for_update())).first()
            check(None if found is None else _secret(found))
            row_id = new_id() if found is None else str(found.id)
            sealed = seal(Place("secrets", workspace_id, row_id))
            values = {
                "key_id": sealed.key_id,
                "sealed": sealed.data,
                "updated_at": later(None if found is None else found.updated_at, now),
            }
            if found is None:
                await rows.add(id=row_id, name=name, created_at=now, **values)
                saved = shown_secret(row_id, name, created_at=now, updated_at=now)
            else:
                change = rows.update().where(_s.id == row_id).values(**values).returning(*secrets.c)
                saved = _secret((await session.execute(change)).one())
            await record_act(
                session, AuditAction.SECRET_SAVED, workspace_id, kind="secret", target_id=row_id, name=name
            )
            return saved

    async def delete(self, workspace_id: str, name: str) -> bool:
        """Delete a secret."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, secrets, workspace_id)
            gone = await session.scalar(rows.delete().where(_s.name == name).returning(_s.id))
            if gone is None:
                return False
            await record_act(
                session, AuditAction.SECRET_DELETED, workspace_id, kind="secret", target_id=gone, name=name
            )
            return True

    async def use(self, workspace_id: str, names: Sequence[str], *, now: datetime) -> list[SealedRow]:
        """Return the sealed values that exist and note that they were used."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, secrets, workspace_id)
            change = rows.update().where(_s.name.in_(names)).values(last_used_at=now).returning(*secrets.c)
            return [_sealed_secret(row) for row in await session.execute(change)]

    async def sealed_otherwise(self, key_id: str, limit: int) -> list[SealedRow]:
        """Return values of all workspaces that are sealed with another key: only a rotation asks."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            found = await session.execute(select(secrets).where(_s.key_id != key_id).limit(limit))
            rows = [_sealed_secret(row) for row in found]
            found = await session.execute(select(triggers).where(triggers.c.key_id != key_id).limit(limit))
            rows += [_sealed_trigger(row) for row in found]
            found = await session.execute(select(models).where(models.c.key_id != key_id).limit(limit))
            rows += [_sealed_model(row) for row in found]
            factors = select(second_factors).where(second_factors.c.key_id != key_id).limit(limit)
            rows += [_sealed_factor(row) for row in await session.execute(factors)]
            other = webhook_endpoints.c.key_id != key_id
            found = await session.execute(select(webhook_endpoints).where(other).limit(limit))
            return rows + [_sealed_endpoint(row) for row in found]

    async def replace(self, row: SealedRow, sealed: Sealed) -> None:
        """Store a value sealed anew, unless it was changed meanwhile."""
        table, owner, column = _PLACES[row.place.purpose]
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(
                update(table)
                .where(table.c[owner] == row.place.id, table.c[column] == row.sealed.data)
                .values({"key_id": sealed.key_id, column: sealed.data})
            )


def _sealed_model(row: Row[*tuple[object, ...]]) -> SealedRow:
    return SealedRow(
        Place("models", row.workspace_id, row.id), row.name, Sealed(row.key_id, bytes(row.sealed))
    )


def _sealed_endpoint(row: Row[*tuple[object, ...]]) -> SealedRow:
    place = Place("endpoints", row.workspace_id, row.id)
    return SealedRow(place, row.id, Sealed(row.key_id, bytes(row.sealed)))


def _secret(row: Row[*tuple[object, ...]]) -> Secret:
    return shown_secret(
        row.id,
        row.name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_used_at=row.last_used_at,
    )


def _sealed_secret(row: Row[*tuple[object, ...]]) -> SealedRow:
    return SealedRow(
        Place("secrets", row.workspace_id, row.id), row.name, Sealed(row.key_id, bytes(row.sealed))
    )


def _sealed_trigger(row: Row[*tuple[object, ...]]) -> SealedRow:
    return SealedRow(
        Place("webhooks", row.workspace_id, row.id),
        row.trigger,
        Sealed(row.key_id, bytes(row.sealed_secret)),
    )


def _sealed_factor(row: Row[*tuple[object, ...]]) -> SealedRow:
    return SealedRow(Place("second_factors", "", row.user_id), "totp", Sealed(row.key_id, bytes(row.sealed)))
