"""The gateway's outbox in Postgres, and the events that enter it."""

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Integer, bindparam, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.automation import UserEvent
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.tables import emitted_events, outbox
from gateway.adapters.tenant import TenantRows
from gateway.domain.audit import Deed, as_begun
from gateway.version_ports import OutboxItem, OutboxKind

_o = outbox.c
DUE: Final = Query(
    select(outbox)
    .where(_o.next_at <= bindparam("now"))
    .order_by(_o.id)
    .limit(bindparam("limit", type_=Integer))
)


class PostgresOutbox:
    """OutboxStore, EventStore and BegunDeeds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, limit: int, *, now: datetime) -> list[OutboxItem]:
        """Return items whose time has come, the oldest first."""
        parameters = {"now": now, "limit": limit}
        return [
            OutboxItem(row.id, row.kind, row.about, row.payload, row.attempts)
            for row in await self._database.found(DUE, parameters, workspace=EVERY_WORKSPACE)
        ]

    async def done(self, item: OutboxItem) -> None:
        """Forget an item and the older ones that it replaces."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(
                delete(outbox).where(_o.kind == item.kind, _o.about == item.about, _o.id <= item.id)
            )

    async def postpone(self, item: OutboxItem, *, until: datetime) -> None:
        """Count an attempt and try again later."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            change = update(outbox).where(_o.id == item.id)
            await session.execute(change.values(attempts=item.attempts + 1, next_at=until))

    async def emit(
        self, event: UserEvent, *, key: str | None, request_hash: str
    ) -> str | Literal["conflict"]:
        """Store an event and its key in one transaction."""
        async with self._database.transaction(event.workspace_id) as session:
            if key is not None:
                taken = await session.execute(
                    upsert(emitted_events)
                    .values(
                        workspace_id=event.workspace_id,
                        key=key,
                        event_id=event.event_id,
                        request_hash=request_hash,
                        created_at=event.at,
                    )
                    .on_conflict_do_nothing()
                    .returning(emitted_events.c.event_id)
                )
                if taken.first() is None:
                    rows = TenantRows(session, emitted_events, event.workspace_id)
                    known = (await session.execute(rows.select().where(emitted_events.c.key == key))).one()
                    return known.event_id if known.request_hash == request_hash else "conflict"
            await session.execute(
                insert(outbox)
                .inline()
                .values(
                    kind="user-event",
                    about=event.event_id,
                    payload=event.model_dump_json(),
                    attempts=0,
                    next_at=event.at,
                    created_at=event.at,
                )
            )
        return event.event_id

    async def keep(self, deed_id: str, deed: Deed, *, until: datetime) -> None:
        """See `BegunDeeds.keep`."""
        async with self._database.transaction(deed.workspace_id) as session:
            await tell(session, "deed", deed_id, as_begun(deed), now=deed.at, due=until)

    async def drop(self, deed_id: str) -> None:
        """See `BegunDeeds.drop`."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(outbox).where(_o.kind == "deed", _o.about == deed_id))

    async def purge(self, *, before: datetime) -> None:
        """Forget keys that were used before a time."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            await session.execute(delete(emitted_events).where(emitted_events.c.created_at < before))


async def tell(
    session: AsyncSession,
    kind: OutboxKind,
    about: str,
    payload: str,
    *,
    now: datetime,
    due: datetime | None = None,
) -> None:
    """Leave word for somebody else, in the transaction that decides it; without `due` it is told at once."""
    values = {"kind": kind, "about": about, "payload": payload, "attempts": 0}
    # Inline: what was told may not be read back, only the relay reads.
    await session.execute(insert(outbox).inline().values(**values, next_at=due or now, created_at=now))
