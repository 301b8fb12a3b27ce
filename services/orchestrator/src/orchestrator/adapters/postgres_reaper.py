"""Finds steps and runs in Postgres that do not move by themselves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from flowloom_servicekit.database import Database, Statement
from orchestrator.adapters.postgres_maintenance import create_partitions
from orchestrator.ports.reaper import Orphan, Overdue

LOCK = 7_301_002

# Graces: a worker ends its own attempt first; the engine gives work out again by itself after a crash of an
# application (about 7 s) or of its scheduler (about 30 s); a backlog at an agent doubles the patience.
OVERDUE = """
select cast(s.run_id as text) as run_id, s.path as step, s.exec, 'deadline' as reason
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'running' and s.live and r.status in ('running', 'paused', 'cancelling')
    and s.deadline_at < cast(:now as timestamptz) - interval '2 s' and s.lease_until >= :now
union all
select cast(s.run_id as text), s.path, s.exec, 'lost'
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'running' and s.live and r.status in ('running', 'cancelling')
    and coalesce(s.lease_until, s.queued_at)
        < cast(:now as timestamptz) - interval '15 s' * power(2, least(greatest(s.dispatch - 1, 0), 6))
union all
select cast(s.run_id as text), s.path, s.exec, 'unclaimed'
from orchestrator.steps s join orchestrator.runs r on r.id = s.run_id
where s.status = 'queued' and s.live and r.status in ('running', 'cancelling')
    and s.queued_at < cast(:now as timestamptz) - interval '30 s' * power(2, least(s.dispatch, 6))
union all
select cast(r.id as text), '', 0, 'still' from orchestrator.runs r
where (r.status in ('queued', 'running', 'cancelling') or (r.status = 'waiting' and r.wake_at is not null))
    and r.seen_at < cast(:now as timestamptz) - interval '10 s'
    and coalesce(r.wake_at, r.seen_at) < cast(:now as timestamptz) - interval '5 s'
    and coalesce(r.nudged_at, r.seen_at) < cast(:now as timestamptz) - interval '10 s'
    and not exists (
        select 1 from orchestrator.steps s
        where s.run_id = r.id and s.live and (
            s.status = 'queued'
            or s.status = 'running' and (
                s.lease_until is not null
                or s.state -> 'child' is not null and s.state -> 'child' ->> 'status' is null
            )
        )
    )
    and not exists (
        select 1 from orchestrator.admissions a where a.run_id = r.id and a.state in ('blocked', 'queued')
    )
limit 200
"""
_LOOK = Statement(OVERDUE)

# A child ends before its parent hears of it, and a parent may end before its child does: both are told by
# the outbox, and found here when whatever was told went to a run that was not there to hear.
ORPHANS = """
select cast(c.id as text) as run_id, c.workspace_id, false as has_ended
from orchestrator.runs c join orchestrator.runs p on p.id = c.parent_id
where c.status not in ('succeeded', 'failed', 'cancelled', 'cancelling')
    and p.status in ('succeeded', 'failed', 'cancelled')
    and not coalesce(cast(c.origin -> 'parent' ->> 'detached' as boolean), false)
    and p.finished_at < cast(:now as timestamptz) - interval '10 s'
union all
select cast(c.id as text), c.workspace_id, true
from orchestrator.runs p
join orchestrator.steps s on s.run_id = p.id and s.live and s.status = 'running'
    and s.state -> 'child' is not null and s.state -> 'child' ->> 'status' is null
join orchestrator.runs c on c.id = cast(s.state -> 'child' ->> 'run_id' as uuid)
where p.status not in ('succeeded', 'failed', 'cancelled')
    and c.status in ('succeeded', 'failed', 'cancelled')
    and c.finished_at < cast(:now as timestamptz) - interval '10 s'
limit 200
"""
NUDGE = """
update orchestrator.runs set nudges = nudges + 1, nudged_at = now()
where id = cast(:run_id as uuid) returning nudges
"""
FORGET_KEYS = """
delete from orchestrator.idempotency_keys where created_at < cast(:now as timestamptz) - interval '25 hours'
"""

# Ledgers of a workspace's day belong to no run that could take them along when it is removed.
FORGET_DAYS = """
delete from orchestrator.budgets
where run_id is null and opened_at < cast(:now as timestamptz) - interval '40 days'
"""


class PostgresReaper:
    """See `ReaperStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overdue(self, now: datetime) -> Sequence[Overdue]:
        """See `ReaperStore.overdue`."""
        # A look of one round trip: most find nothing, and a transaction takes four.
        if not await self._database.rows(_LOOK, {"now": now}):
            return []
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
            await session.execute(text(FORGET_DAYS), {"now": now})
            await create_partitions(session, now)

    async def orphans(self, now: datetime) -> Sequence[Orphan]:
        """See `ReaperStore.orphans`."""
        async with self._database.transaction() as session:
            if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK + 1}):
                return []
            rows = (await session.execute(text(ORPHANS), {"now": now})).all()
        return [Orphan(row.run_id, row.workspace_id, has_ended=row.has_ended) for row in rows]
