"""Counts of runs in Postgres."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from flowloom_servicekit.database import Database, Statement
from orchestrator.ports.run_counts import RunCount

IN_PROGRESS: Final = Statement("""
select workflow_id, workflow_name, version, count(*) as count from orchestrator.runs
where workspace_id = :workspace_id and status not in ('succeeded', 'failed', 'cancelled')
group by workflow_id, workflow_name, version
""")

STARTED_SINCE: Final = Statement("""
select workflow_id, workflow_name, version, count(*) as count from orchestrator.runs
where workspace_id = :workspace_id and created_at >= :moment
group by workflow_id, workflow_name, version
""")


class PostgresRunCounts:
    """See `RunCounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def in_progress(self, workspace_id: str) -> Sequence[RunCount]:
        """See `RunCounts.in_progress`."""
        rows = await self._database.rows(IN_PROGRESS, {"workspace_id": workspace_id}, workspace=workspace_id)
        return [_count(row) for row in rows]

    async def started_since(self, workspace_id: str, moment: datetime) -> Sequence[RunCount]:
        """See `RunCounts.started_since`."""
        parameters = {"workspace_id": workspace_id, "moment": moment}
        rows = await self._database.rows(STARTED_SINCE, parameters, workspace=workspace_id)
        return [_count(row) for row in rows]


def _count(row: Mapping[str, object]) -> RunCount:
    return RunCount(
        workflow_id=str(row["workflow_id"]),
        workflow_name=str(row["workflow_name"]),
        version="draft" if row["version"] is None else int(str(row["version"])),
        count=int(str(row["count"])),
    )
