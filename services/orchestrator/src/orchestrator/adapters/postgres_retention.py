"""Removes old runs from Postgres, and drops months of events that belong to none any more."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Database
from orchestrator.domain.partitions import partition_of, partitions_before

LOCK: Final = 7_301_004

REMOVE = """
with old as (
    select id from orchestrator.runs where finished_at < cast(:before as timestamptz)
        and status in ('succeeded', 'failed', 'cancelled') and archived_at is not null
        and workspace_id <> all(cast(:but as text[]))
    order by finished_at limit :limit
)
delete from orchestrator.runs where id in (select id from old) returning 1
"""
# Ids carry the time of their creation: the oldest of a workspace are at the end of its index.
REMOVE_OF = """
with old as (
    select id from orchestrator.runs where workspace_id = :of and finished_at < cast(:before as timestamptz)
        and status in ('succeeded', 'failed', 'cancelled') and archived_at is not null
    order by id limit :limit
)
delete from orchestrator.runs where id in (select id from old) returning 1
"""
TABLES = """
select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = cast('orchestrator.run_events' as regclass)
"""
IN_USE = """
select exists (
    select 1 from orchestrator.runs where id >= cast(:lower as uuid) and id < cast(:upper as uuid)
)
"""

# Tables belong to another role than the one the service signs in with.
DROP: Final = text("select orchestrator.drop_month(:table)")


class PostgresRetention:
    """See `RetentionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remove_runs(
        self, finished_before: datetime, *, limit: int, of: str | None = None, but: Collection[str] = ()
    ) -> int:
        """See `RetentionStore.remove_runs`."""
        async with self._database.transaction() as session:
            if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
                return 0
            parameters = {"before": finished_before, "limit": limit}
            if of is not None:
                return len((await session.execute(text(REMOVE_OF), parameters | {"of": of})).all())
            return len((await session.execute(text(REMOVE), parameters | {"but": list(but)})).all())

    async def drop_months(self, before: datetime) -> int:
        """See `RetentionStore.drop_months`."""
        dropped = 0
        async with self._database.transaction() as session:
            if not await session.scalar(text("select pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
                return 0
            names = {str(row.name) for row in (await session.execute(text(TABLES))).all()}
            for name in partitions_before(before, names):
                month = partition_of(name)
                bounds = {"lower": month.lower, "upper": month.upper}
                if not await session.scalar(text(IN_USE), bounds):
                    await session.execute(DROP, {"table": month.table})
                    dropped += 1
        return dropped
