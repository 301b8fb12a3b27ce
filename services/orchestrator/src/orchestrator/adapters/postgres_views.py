"""Runs as a workspace may see them: every statement here names the workspace."""

from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import text

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus, UsageView, WorkflowRef
from flowloom_language.state import RunState
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.domain.records import RunRecord

_OBJECT: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)
PAGE = """
select cast(id as text) as id, workflow_id, workflow_name, version, inputs, state, created_at
from orchestrator.runs
where workspace_id = :workspace_id
    and (cast(:workflow_id as text) is null or workflow_id = :workflow_id)
    and (cast(:status as text) is null or status = :status)
    and (cast(:before as uuid) is null or id < cast(:before as uuid))
order by id desc limit :limit
"""


class PostgresRunViews:
    """See `RunViews`."""

    def __init__(self, database: Database, runs: PostgresRunStore) -> None:
        self._database = database
        self._runs = runs

    async def get(self, workspace_id: str, run_id: str) -> RunRecord | None:
        """See `RunViews.get`."""
        if not is_id(run_id):
            return None
        record = await self._runs.load(run_id)
        return record if record is not None and record.workspace_id == workspace_id else None

    async def page(
        self,
        workspace_id: str,
        *,
        workflow_id: str | None,
        status: RunStatus | None,
        before: str | None,
        limit: int,
    ) -> Sequence[Run]:
        """See `RunViews.page`."""
        parameters = {
            "workspace_id": workspace_id,
            "workflow_id": workflow_id,
            "status": status.value if status else None,
            "before": before,
            "limit": limit,
        }
        async with self._database.transaction() as session:
            rows = (await session.execute(text(PAGE), parameters)).mappings().all()
        return [_run(dict(row)) for row in rows]


def _run(row: JsonObject) -> Run:
    state = RunState.model_validate({"inputs": row["inputs"], **_OBJECT.validate_python(row["state"])})
    return Run(
        id=str(row["id"]),
        workflow=WorkflowRef(id=str(row["workflow_id"]), name=str(row["workflow_name"])),
        version="draft" if row["version"] is None else int(str(row["version"])),
        status=state.status,
        inputs=state.inputs,
        outputs=state.outputs,
        error=state.error,
        usage=UsageView.of(state.usage),
        attempt=state.run.attempt,
        created_at=row["created_at"],
        started_at=state.started_at,
        finished_at=state.finished_at,
    )
