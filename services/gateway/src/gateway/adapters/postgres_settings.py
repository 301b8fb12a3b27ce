"""The settings of workspaces in Postgres."""

from datetime import datetime
from typing import Final, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.preferences import SaveSettings, WorkspacePolicy
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from gateway.adapters.audit_trail import record_act
from gateway.adapters.postgres_outbox import tell
from gateway.adapters.tables_of_desk import workspace_settings
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.desk_ports import StoredSettings

OWN: Final = Query(of_workspace(workspace_settings))


class PostgresSettingsStore:
    """SettingsStore over the table `workspace_settings`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str) -> StoredSettings:
        """Return the settings."""
        found = await self._database.found(OWN, {"workspace_id": workspace_id}, workspace=workspace_id)
        if not found:
            return StoredSettings(SaveSettings(), 0, None)
        row = found[0]
        known = {name: row.settings[name] for name in SaveSettings.model_fields if name in row.settings}
        return StoredSettings(SaveSettings.model_validate(known), row.revision, row.updated_at)

    async def replace(
        self, workspace_id: str, settings: SaveSettings, *, revision: int, user_id: str, now: datetime
    ) -> StoredSettings | Literal["stale"]:
        """Store settings over those of `revision`; of two first saves one meets the primary key."""
        values = {
            "settings": settings.model_dump(mode="json"),
            "revision": revision + 1,
            "updated_by": user_id,
            "updated_at": now,
        }
        try:
            async with self._database.transaction(workspace_id) as session:
                if not await _write(session, workspace_id, values, revision):
                    return "stale"
                policy = WorkspacePolicy(
                    workspace_id=workspace_id,
                    revision=revision + 1,
                    run_retention_days=settings.run_retention_days,
                    self_approval=settings.self_approval,
                )
                await tell(session, "policy", workspace_id, policy.model_dump_json(), now=now)
                await record_act(
                    session,
                    AuditAction.SETTINGS_CHANGED,
                    workspace_id,
                    kind="settings",
                    target_id=workspace_id,
                    revision=revision + 1,
                )
        except IntegrityError:
            return "stale"
        return StoredSettings(settings, revision + 1, now)


async def _write(session: AsyncSession, workspace_id: str, values: dict[str, object], revision: int) -> bool:
    rows = TenantRows(session, workspace_settings, workspace_id)
    if revision == 0:
        await rows.add(**values)
        return True
    change = rows.update().where(workspace_settings.c.revision == revision).values(**values)
    return (await session.execute(change.returning(workspace_settings.c.revision))).first() is not None
