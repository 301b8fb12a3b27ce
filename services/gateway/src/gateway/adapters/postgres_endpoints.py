"""Addresses of other systems and their calls in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, Row, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.notices import EndpointDeliveryStatus, SaveEndpoint
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables_of_notices import endpoint_calls, webhook_endpoints
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.notice_ports import CallOutcome, KnownCall, NewCall, StoredEndpoint
from gateway.vault_ports import Sealed

_e = webhook_endpoints.c
_c = endpoint_calls.c
_TOLD_OF: Final = _c.payload[("workflow", "id")].as_string()
"""The workflow that a call tells of; of a test or a whole workspace NULL."""
ALL: Final = Query(of_workspace(webhook_endpoints).order_by(_e.id.desc()))
DUE: Final = Query(
    select(endpoint_calls)
    .where(_c.status == "pending", _c.next_at <= bindparam("now"))
    .order_by(_c.next_at, _c.id)
    .limit(bindparam("limit", type_=Integer))
)


class PostgresEndpoints:
    """EndpointStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, workspace_id: str) -> Sequence[StoredEndpoint]:
        """Return them, the newest first."""
        rows = await self._database.found(ALL, {"workspace_id": workspace_id}, workspace=workspace_id)
        return [_stored(row) for row in rows]

    async def get(self, workspace_id: str, endpoint_id: str) -> StoredEndpoint | None:
        """Return an address of this workspace."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, webhook_endpoints, workspace_id)
            row = (await session.execute(rows.select().where(rows.of_id(endpoint_id)))).first()
        return None if row is None else _stored(row)

    async def add(self, endpoint: StoredEndpoint) -> None:
        """Store a new address."""
        async with self._database.transaction(endpoint.workspace_id) as session:
            rows = TenantRows(session, webhook_endpoints, endpoint.workspace_id)
            await rows.add(id=endpoint.id, created_at=endpoint.created_at, **_values(endpoint))
            await _record(session, endpoint.workspace_id, endpoint.id, "saved")

    async def replace(self, endpoint: StoredEndpoint, *, over: StoredEndpoint) -> bool:
        """Store an address, unless somebody changed it since `over` was read."""
        async with self._database.transaction(endpoint.workspace_id) as session:
            rows = TenantRows(session, webhook_endpoints, endpoint.workspace_id)
            query = rows.select().where(rows.of_id(endpoint.id)).with_for_update()
            found = (await session.execute(query)).first()
            if found is None or _said(_stored(found)) != _said(over):
                return False
            await session.execute(rows.update().where(rows.of_id(endpoint.id)).values(**_values(endpoint)))
            await _record(session, endpoint.workspace_id, endpoint.id, "saved")
            return True

    async def delete(self, workspace_id: str, endpoint_id: str) -> bool:
        """Delete an address with its calls."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, webhook_endpoints, workspace_id)
            gone = await session.execute(rows.delete().where(rows.of_id(endpoint_id)).returning(_e.id))
            if gone.first() is None:
                return False
            await _record(session, workspace_id, endpoint_id, "deleted")
            return True

    async def add_calls(self, workspace_id: str, calls: Sequence[NewCall]) -> None:
        """Store calls that are due at once."""
        rows = [
            {
                "id": call.id,
                "workspace_id": workspace_id,
                "endpoint_id": call.endpoint_id,
                "event_id": call.event_id,
                "event": call.event,
                "payload": call.payload,
                "status": "pending",
                "attempts": 0,
                "created_at": call.created_at,
                "next_at": call.created_at,
            }
            for call in calls
        ]
        if rows:
            async with self._database.transaction(workspace_id) as session:
                await session.execute(insert(endpoint_calls).values(rows).on_conflict_do_nothing())

    async def due(self, limit: int, *, now: datetime) -> list[KnownCall]:
        """Return calls whose time has come."""
        parameters = {"now": now, "limit": limit}
        rows = await self._database.found(DUE, parameters, workspace=EVERY_WORKSPACE)
        return [_known(row) for row in rows]

    async def settle(self, outcome: CallOutcome) -> datetime | None:
        """Store what became of an attempt, and whether its address fails, in one transaction."""
        is_delivered = outcome.status == "delivered"
        values = {
            "status": outcome.status,
            "attempts": _c.attempts + int(outcome.is_tried),
            "next_at": outcome.next_at,
            "delivered_at": outcome.at if is_delivered else None,
            "answer": outcome.answer,
            "error": outcome.error,
        }
        failing = None if is_delivered else func.coalesce(_e.failing_since, outcome.at)
        new = outcome.call.new
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(update(endpoint_calls).where(_c.id == new.id).values(**values))
            if not outcome.is_tried:
                return None
            change = update(webhook_endpoints).where(_e.id == new.endpoint_id).values(failing_since=failing)
            since: datetime | None = await session.scalar(change.returning(_e.failing_since))
            return since

    async def disable(self, workspace_id: str, endpoint_id: str, *, reason: str) -> bool:
        """Switch an address off."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, webhook_endpoints, workspace_id)
            change = rows.update().where(rows.of_id(endpoint_id), _e.disabled_reason.is_(None))
            done = await session.execute(change.values(disabled_reason=reason).returning(_e.id))
            return done.first() is not None

    async def calls(
        self,
        workspace_id: str,
        endpoint_id: str,
        *,
        status: EndpointDeliveryStatus | None,
        after: str | None,
        limit: int,
        closed: Sequence[str] = (),
    ) -> list[KnownCall]:
        """See `EndpointStore.calls`."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, endpoint_calls, workspace_id).page(after=after, limit=limit)
            query = query.where(_c.endpoint_id == endpoint_id)
            if status is not None:
                query = query.where(_c.status == status)
            if closed:
                query = query.where(or_(_TOLD_OF.is_(None), _TOLD_OF.not_in(closed)))
            return [_known(row) for row in await session.execute(query)]

    async def call(self, workspace_id: str, endpoint_id: str, call_id: str) -> KnownCall | None:
        """Return one call."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, endpoint_calls, workspace_id)
            query = rows.select().where(rows.of_id(call_id), _c.endpoint_id == endpoint_id)
            row = (await session.execute(query)).first()
        return None if row is None else _known(row)

    async def purge_calls(self, *, before: datetime) -> None:
        """Forget calls that have ended and are older."""
        gone = delete(endpoint_calls).where(_c.created_at < before, _c.status != "pending")
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(gone)


async def _record(session: AsyncSession, workspace_id: str, endpoint_id: str, change: str) -> None:
    await record_act(
        session,
        AuditAction.ENDPOINT_CHANGED,
        workspace_id,
        kind="endpoint",
        target_id=endpoint_id,
        change=change,
    )


def _said(endpoint: StoredEndpoint) -> tuple[SaveEndpoint, Sealed]:
    """Return what people decide; what its calls say of it is another matter."""
    return endpoint.spec, endpoint.sealed


def _values(endpoint: StoredEndpoint) -> dict[str, object]:
    return {
        "spec": endpoint.spec.model_dump(mode="json"),
        "key_id": endpoint.sealed.key_id,
        "sealed": endpoint.sealed.data,
        "failing_since": endpoint.failing_since,
        "disabled_reason": endpoint.disabled_reason,
        "subscriber_id": endpoint.subscriber_id,
    }


def _stored(row: Row[*tuple[object, ...]]) -> StoredEndpoint:
    return StoredEndpoint(
        id=row.id,
        workspace_id=row.workspace_id,
        spec=SaveEndpoint.model_validate(row.spec),
        sealed=Sealed(row.key_id, bytes(row.sealed)),
        created_at=row.created_at,
        failing_since=row.failing_since,
        disabled_reason=row.disabled_reason,
        subscriber_id=row.subscriber_id,
    )


def _known(row: Row[*tuple[object, ...]]) -> KnownCall:
    new = NewCall(
        id=row.id,
        workspace_id=row.workspace_id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event=row.event,
        payload=row.payload,
        created_at=row.created_at,
    )
    return KnownCall(
        new=new,
        status=row.status,
        attempts=row.attempts,
        next_at=row.next_at,
        delivered_at=row.delivered_at,
        answer=row.answer,
        error=row.error,
    )
