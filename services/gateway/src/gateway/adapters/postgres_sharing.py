"""With whom workflows are shared, in Postgres."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import JSON, Column, DateTime, ForeignKey, Index, Table, Uuid, select
from sqlalchemy.dialects.postgresql import insert as upsert

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.base import JsonObject
from flowloom_contracts.sharing import Share
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables import metadata
from gateway.adapters.tenant import TenantRows
from gateway.domain.sharing import Shares

# Without a foreign key to the workflow: its runs outlive it, and stay with whom it was shared.
workflow_sharing: Final = Table(
    "workflow_sharing",
    metadata,
    Column("id", Uuid(as_uuid=False), primary_key=True),
    Column("workspace_id", Uuid(as_uuid=False), ForeignKey("gateway.workspaces.id"), nullable=False),
    Column("shares", JSON, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("updated_by", Uuid(as_uuid=False), ForeignKey("gateway.users.id"), nullable=False),
    Index(None, "workspace_id"),
)
_s = workflow_sharing.c


class PostgresSharing:
    """SharingStore over the table `workflow_sharing`; the id of a row is that of its workflow."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def restricted(self, workspace_ids: Collection[str]) -> Mapping[str, Shares]:
        """See `SharingStore.restricted`."""
        wanted = list(workspace_ids)
        found: dict[str, dict[str, Sequence[Share]]] = {one: {} for one in wanted}
        scope = wanted[0] if len(wanted) == 1 else EVERY_WORKSPACE
        async with self._database.transaction(scope) as session:
            query = select(_s.workspace_id, _s.id, _s.shares).where(_s.workspace_id.in_(wanted))
            for row in await session.execute(query):
                found[row.workspace_id][row.id] = [Share.model_validate(one) for one in row.shares]
        return found

    async def replace(
        self,
        workspace_id: str,
        workflow_id: str,
        shares: Sequence[Share] | None,
        *,
        over: Sequence[Share] | None,
        user_id: str,
        now: datetime,
    ) -> Literal["saved", "stale"]:
        """See `SharingStore.replace`."""
        values = {"shares": _kept(shares or ()), "updated_at": now, "updated_by": user_id}
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, workflow_sharing, workspace_id)
            here = _s.id == workflow_id
            before = (await session.execute(rows.select(_s.shares).where(here).with_for_update())).first()
            if (None if before is None else before.shares) != (None if over is None else _kept(over)):
                return "stale"
            if shares is None:
                await session.execute(rows.delete().where(here))
            elif before is not None:
                await session.execute(rows.update().where(here).values(**values))
            else:
                # Of two who restrict it at once the second adds nothing and is stale.
                new = upsert(workflow_sharing).values(id=workflow_id, workspace_id=workspace_id, **values)
                added = await session.execute(new.on_conflict_do_nothing().returning(_s.id))
                if added.first() is None:
                    return "stale"
            await record_act(
                session,
                AuditAction.SHARES_CHANGED,
                workspace_id,
                kind="workflow",
                target_id=workflow_id,
                restricted=shares is not None,
                shares=[f"{one.kind}:{one.who}:{one.reach}" for one in shares or ()],
            )
            return "saved"


def _kept(shares: Sequence[Share]) -> list[JsonObject]:
    return [one.model_dump(mode="json") for one in shares]
