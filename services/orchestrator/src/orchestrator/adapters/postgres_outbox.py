"""What is committed and not yet done outside Postgres."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from pydantic import TypeAdapter
from sqlalchemy import text

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.streams.writer import Milestone
from orchestrator.domain.records import OutboxItem, OutboxKind
from orchestrator.ports.outbox import StreamState, Waiting

# Asked every second in every process, so it is one round trip.
WAITING = Statement("""
select o.id, cast(o.run_id as text) as run_id, o.kind, o.payload from orchestrator.outbox o
where o.run_id in (
    select run_id from orchestrator.outbox where id <> all(cast(:but as bigint[]))
    group by run_id having min(created_at) < :older_than order by min(id) limit :limit
) and o.id <> all(cast(:but as bigint[]))
order by o.run_id, o.id
""")
# A row that comes back after a power cut is done twice, which is harmless.
FORGET = Statement("""
delete from orchestrator.outbox using (select set_config('synchronous_commit', 'off', true)) as relaxed
where id = any(cast(:ids as bigint[]))
""")
MILESTONES = """
select n, envelope, step, fence from orchestrator.run_events
where run_id = cast(:run_id as uuid) and n > :after order by n
"""
RENEW_EPOCH = """
update orchestrator.runs set epoch = epoch + 1
where id = cast(:run_id as uuid) and epoch = :epoch
"""
EPOCH = "select epoch from orchestrator.runs where id = cast(:run_id as uuid)"
ALIVE = """
select cast(id as text) as id, epoch from orchestrator.runs
where status not in ('succeeded', 'failed', 'cancelled')
    or id in (select run_id from orchestrator.outbox where kind = 'archive')
"""
MOVING = """
select cast(id as text) as id from orchestrator.runs where status in ('running', 'cancelling')
"""
_PAYLOAD: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)


class PostgresOutbox:
    """See `OutboxStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(
        self, *, older_than: datetime, limit: int, but: Collection[int] = ()
    ) -> Sequence[Waiting]:
        """See `OutboxStore.waiting`."""
        rows = await self._database.rows(
            WAITING, {"older_than": older_than, "limit": limit, "but": list(but)}
        )
        return [
            Waiting(run_id=run_id, items=tuple(map(_item, group)))
            for run_id, group in groupby(rows, key=lambda row: str(row["run_id"]))
        ]

    async def forget(self, ids: Sequence[int]) -> None:
        """See `OutboxStore.forget`."""
        await self._database.rows(FORGET, {"ids": list(ids)})

    async def milestones(self, run_id: str, *, after: int = 0) -> Sequence[Milestone]:
        """See `OutboxStore.milestones`."""
        async with self._database.transaction() as session:
            rows = (await session.execute(text(MILESTONES), {"run_id": run_id, "after": after})).all()
        return [Milestone(row.n, row.envelope, _fence(row.step, row.fence)) for row in rows]

    async def renew_epoch(self, run_id: str, epoch: int) -> int:
        """See `OutboxStore.renew_epoch`."""
        async with self._database.transaction() as session:
            await session.execute(text(RENEW_EPOCH), {"run_id": run_id, "epoch": epoch})
            return int(await session.scalar(text(EPOCH), {"run_id": run_id}) or epoch)

    async def epoch(self, run_id: str) -> int:
        """See `OutboxStore.epoch`."""
        async with self._database.transaction() as session:
            return int(await session.scalar(text(EPOCH), {"run_id": run_id}) or 1)

    async def moving(self) -> Sequence[str]:
        """See `OutboxStore.moving`."""
        async with self._database.transaction() as session:
            return list((await session.scalars(text(MOVING))).all())

    async def alive(self) -> Sequence[StreamState]:
        """See `OutboxStore.alive`."""
        async with self._database.transaction() as session:
            rows = (await session.execute(text(ALIVE))).all()
        return [StreamState(row.id, row.epoch) for row in rows]


def _item(row: Mapping[str, object]) -> OutboxItem:
    return OutboxItem(
        OutboxKind(str(row["kind"])), _PAYLOAD.validate_python(row["payload"]), int(str(row["id"]))
    )


def _fence(step: str | None, fence: int | None) -> tuple[str, int] | None:
    return None if step is None or fence is None else (step, fence)
