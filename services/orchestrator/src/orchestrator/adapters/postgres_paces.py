"""The buckets of workspaces in Postgres, one row each."""

from datetime import datetime
from typing import Final

from sqlalchemy import text

from flowloom_servicekit.database import Database

GET: Final = text("select full_until from orchestrator.paces where workspace_id = :workspace_id")
FILL: Final = text("""
insert into orchestrator.paces as known (workspace_id, full_until)
values (:workspace_id, cast(:now as timestamptz) + make_interval(secs => :seconds))
on conflict (workspace_id) do update
set full_until = greatest(known.full_until, cast(:now as timestamptz)) + make_interval(secs => :seconds)
""")


class PostgresPaces:
    """See `PaceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def full_until(self, workspace_id: str) -> datetime | None:
        """See `PaceStore.full_until`."""
        async with self._database.transaction(workspace_id) as session:
            row = (await session.execute(GET, {"workspace_id": workspace_id})).first()
        return None if row is None else row.full_until

    async def fill(self, workspace_id: str, *, seconds: float, now: datetime) -> None:
        """See `PaceStore.fill`."""
        parameters = {"workspace_id": workspace_id, "seconds": seconds, "now": now}
        async with self._database.transaction(workspace_id) as session:
            await session.execute(FILL, parameters)
