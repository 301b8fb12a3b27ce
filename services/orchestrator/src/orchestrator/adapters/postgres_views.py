"""Runs as a workspace may see them: every statement here names the workspace."""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import text

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor, Run, RunListQuery, UsageView, WorkflowRef
from flowloom_language.state import RunState, StepState
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.ids import is_id
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.rows import origin_of
from orchestrator.adapters.sql_of_sight import SEEN, sight
from orchestrator.domain.records import RunRecord
from orchestrator.domain.sight import sees
from orchestrator.domain.views import parent_of
from orchestrator.ports.views import FrozenDocument, PlacedStep, RunMark

_OBJECT: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)
_PLACE: Final = TypeAdapter(tuple[int, ...])
PAGE: Final = f"""
select cast(id as text) as id, workflow_id, workflow_name, version, inputs, state, created_at, priority,
    origin
from orchestrator.runs r
where workspace_id = :workspace_id and {SEEN}
"""  # noqa: S608 - our own fragments; every value is a parameter
_SECONDS: Final = "extract(epoch from coalesce(finished_at, now()) - started_at)"
# Only what is asked for stands in the statement, so that every question finds its index.
CONDITIONS: Final = {
    "workflow_id": "workflow_id = :workflow_id",
    "statuses": "status = any(cast(:statuses as text[]))",
    "label": "origin -> 'labels' ->> cast(:label as text) = :label_value",
    "name": "(workflow_name ilike :name or starts_with(cast(id as text), :begin))",
    "created_from": "created_at >= :created_from",
    "created_before": "created_at < :created_before",
    "longer": f"{_SECONDS} > cast(:longer as double precision)",
    "shorter": f"{_SECONDS} < cast(:shorter as double precision)",
}
NEWEST_FIRST: Final = ("id < cast(:cursor as uuid)", "order by id desc limit :limit")
OLDEST_FIRST: Final = ("id > cast(:cursor as uuid)", "order by id limit :limit")


STEPS = Statement("""
select place, state from orchestrator.steps
where run_id = cast(:run_id as uuid) and starts_with(path, :inside) and place > cast(:after as integer[])
order by place limit :limit
""")
MARK = Statement("""
select workspace_id, workflow_id, origin, revision, epoch from orchestrator.runs
where id = cast(:run_id as uuid)
""")
SOURCE = "select source, document_hash from orchestrator.runs where id = cast(:run_id as uuid)"


class PostgresRunViews:
    """See `RunViews`."""

    def __init__(self, database: Database, runs: PostgresRunStore) -> None:
        self._database = database
        self._runs = runs

    async def get(self, actor: Actor, run_id: str) -> RunRecord | None:
        """See `RunViews.get`."""
        if not is_id(run_id):
            return None
        record = await self._runs.load(run_id, workspace=actor.workspace_id)
        if record is None or record.workspace_id != actor.workspace_id:
            return None
        return record if sees(actor, record.workflow.id, record.origin) else None

    async def mark(self, actor: Actor, run_id: str) -> RunMark | None:
        """See `RunViews.mark`."""
        rows = await self._database.rows(MARK, {"run_id": run_id}, workspace=actor.workspace_id)
        if not rows or rows[0]["workspace_id"] != actor.workspace_id:
            return None
        row = rows[0]
        mark = RunMark(int(str(row["revision"])), int(str(row["epoch"])))
        return mark if sees(actor, str(row["workflow_id"]), origin_of(row["origin"])) else None

    async def page(self, query: RunListQuery) -> Sequence[Run]:
        """See `RunViews.page`."""
        workspace_id = query.actor.workspace_id
        parameters = _parameters(query)
        statement = text(page_statement(query, parameters))
        async with self._database.transaction(workspace_id) as session:
            rows = (await session.execute(statement, parameters)).mappings().all()
        return [_run(dict(row)) for row in rows]

    async def steps(
        self, run_id: str, *, inside: str, after: tuple[int, ...], limit: int
    ) -> Sequence[PlacedStep]:
        """See `RunViews.steps`."""
        parameters = {"run_id": run_id, "inside": inside, "after": list(after), "limit": limit}
        rows = await self._database.rows(STEPS, parameters)
        return [_placed_step(row) for row in rows]

    async def source(self, run_id: str) -> FrozenDocument:
        """See `RunViews.source`."""
        async with self._database.transaction() as session:
            row = (await session.execute(text(SOURCE), {"run_id": run_id})).one()
        return FrozenDocument(row.source, row.document_hash)


def _placed_step(row: Mapping[str, object]) -> PlacedStep:
    place, state = _PLACE.validate_python(row["place"]), _OBJECT.validate_python(row["state"])
    return PlacedStep(place, StepState.from_json(state))


def page_statement(query: RunListQuery, parameters: Mapping[str, object]) -> str:
    """Return the statement of a page; every value in it is a parameter."""
    behind, order = OLDEST_FIRST if query.order == "oldest" else NEWEST_FIRST
    asked = [condition for name, condition in CONDITIONS.items() if parameters[name] is not None]
    if query.cursor is not None:
        asked.append(behind)
    return PAGE + "".join(f"    and {condition}\n" for condition in asked) + order


def _parameters(query: RunListQuery) -> Mapping[str, object]:
    only = query.only
    statuses = [query.status] if query.status else only.statuses
    label, _, value = (only.label or "").partition("=")
    return {
        **sight(query.actor),
        "workspace_id": query.actor.workspace_id,
        "workflow_id": query.workflow_id,
        "statuses": [status.value for status in statuses] or None,
        "label": label or None,
        "label_value": value,
        "name": None if only.text is None else f"%{_literally(only.text)}%",
        "begin": only.text,
        "created_from": only.created_from,
        "created_before": only.created_before,
        "longer": only.longer_than_s,
        "shorter": only.shorter_than_s,
        "cursor": query.cursor,
        "limit": query.limit,
    }


def _literally(text: str) -> str:
    """Return a text for `like` in which nothing stands for anything else."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _run(row: JsonObject) -> Run:
    state = RunState.from_json(
        _OBJECT.validate_python(row["state"]), _OBJECT.validate_python(row["inputs"]), ()
    )
    origin = origin_of(row["origin"])
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
        priority=int(str(row["priority"])),
        forked_from=origin.forked_from,
        parent=parent_of(origin),
        created_at=row["created_at"],
        started_at=state.started_at,
        finished_at=state.finished_at,
    )
