"""Finds steps and runs in Postgres that do not move by themselves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from flowloom_servicekit.database import Database
from orchestrator.adapters.postgres_maintenance import create_partitions
from orchestrator.ports import Overdue

LOCK = 7_301_002

# Graces: a worker ends its own attempt first; the engine gives work out again by itself after a crash of an
# application (about 7 s) or of its scheduler (about 30 s); a backlog at an agent doubles the patience.
OVERDUE = """
select cast(s.run_id as text) as run_id, s.path as step, s.exec, 'deadline' as reason
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'running' and r.status = 'running'
    and s.deadline_at < cast(:now as timestamptz) - interval '2 s' and s.lease_until >= :now
union all
select cast(s.run_id as text), s.path, s.exec, 'lost'
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'running' and r.status = 'running'
    and s.lease_until < cast(:now as timestamptz) - interval '15 s' * power(2, least(s.dispatch, 6))
union all
select cast(s.run_id as text), s.path, s.exec, 'unclaimed'
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'queued' and r.status = 'running'
    and s.queued_at < cast(:now as timestamptz) - interval '30 s' * power(2, least(s.dispatch, 6))
union all
select cast(r.id as text), '', 0, 'still' from orchestrator.runs r
where r.status in ('queued', 'running', 'waiting', 'cancelling')
    and r.seen_at < cast(:now as timestamptz) - interval '10 s'
    and coalesce(r.wake_at, r.seen_at) < cast(:now as timestamptz) - interval '5 s'
    and coalesce(r.nudged_at, r.seen_at) < cast(:now as timestamptz) - interval '10 s'
    and not exists (
        select 1 from orchestrator.steps s where s.run_id = r.id and s.status in ('queued', 'running')
    )
limit 200
"""
NUDGE = """
update orchestrator.runs set nudges = nudges + 1, nudged_at = now()
where id = cast(:run_id as uuid) returning nudges
"""
FORGET_KEYS = """
delete from orchestrator.idempotency_keys where created_at < cast(:now as timestamptz) - interval '25 hours'
"""


class PostgresReaper:
    """See `ReaperStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """See `ReaperStore.overdue`."""
        async with self._database.transaction() as session:
            if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
                return []
            rows = (await session.execute(text(OVERDUE), {"now": now})).all()
        return [Overdue(row.run_id, row.reason, row.step, row.exec) for row in rows]

    async def nudge(self, run_id: str) -> int:
        """See `ReaperStore.nudge`."""
        async with self._database.transaction() as session:
            return int(await session.scalar(text(NUDGE), {"run_id": run_id}) or 0)

    async def tidy(self, now: datetime) -> None:
        """See `ReaperStore.tidy`."""
        async with self._database.transaction() as session:
            await session.execute(text(FORGET_KEYS), {"now": now})
            await create_partitions(session, now)
