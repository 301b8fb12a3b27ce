"""The models of workspaces in Postgres, their keys sealed."""

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy import Row, bindparam
from sqlalchemy.exc import IntegrityError

from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables_of_desk import models
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.model_ports import StoredModel, spec_of
from gateway.vault_ports import Sealed

_m = models.c
OF_NAME: Final = Query(of_workspace(models).where(_m.name == bindparam("name")))


class PostgresModelStore:
    """ModelStore over the table `models`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, workspace_id: str) -> Sequence[StoredModel]:
        """Return them by name."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, models, workspace_id).select().order_by(_m.name)
            return [_stored(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, model_id: str) -> StoredModel | None:
        """Return a model of this workspace."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, models, workspace_id)
            row = (await session.execute(rows.select().where(rows.of_id(model_id)))).first()
        return None if row is None else _stored(row)

    async def of_name(self, workspace_id: str, name: str) -> StoredModel | None:
        """Return the model of this workspace that has a name."""
        parameters = {"workspace_id": workspace_id, "name": name}
        found = await self._database.found(OF_NAME, parameters, workspace=workspace_id)
        return _stored(found[0]) if found else None

    async def put(
        self, workspace_id: str, model: StoredModel, *, over: int | None
    ) -> Literal["saved", "name_taken", "stale"]:
        """Store a new model, or one over the state of a revision."""
        values = {
            "name": model.spec.name,
            "spec": model.spec.model_dump(mode="json", exclude={"api_key"}),
            "key_id": model.sealed.key_id if model.sealed else None,
            "sealed": model.sealed.data if model.sealed else None,
            "revision": model.revision,
            "updated_at": model.updated_at,
        }
        try:
            async with self._database.transaction(workspace_id) as session:
                rows = TenantRows(session, models, workspace_id)
                if over is None:
                    await rows.add(id=model.id, **values)
                else:
                    change = rows.update().where(rows.of_id(model.id), _m.revision == over).values(**values)
                    if (await session.execute(change.returning(_m.id))).first() is None:
                        return "stale"
                await record_act(
                    session,
                    AuditAction.MODEL_CHANGED,
                    workspace_id,
                    kind="model",
                    target_id=model.id,
                    name=model.spec.name,
                )
                return "saved"
        except IntegrityError:
            return "name_taken"

    async def delete(self, workspace_id: str, model_id: str) -> bool:
        """Delete a model."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, models, workspace_id)
            gone = await session.execute(rows.delete().where(rows.of_id(model_id)).returning(_m.id))
            if gone.first() is None:
                return False
            await record_act(
                session, AuditAction.MODEL_DELETED, workspace_id, kind="model", target_id=model_id
            )
            return True


def _stored(row: Row[*tuple[object, ...]]) -> StoredModel:
    return StoredModel(
        id=row.id,
        spec=spec_of(row.spec),
        sealed=None if row.key_id is None else Sealed(row.key_id, bytes(row.sealed)),
        revision=row.revision,
        updated_at=row.updated_at,
    )
