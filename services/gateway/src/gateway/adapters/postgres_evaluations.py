"""Evaluations and their runs in Postgres."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal, cast

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.evaluation import Evaluation, EvaluationStatus, MetricLine, Scored
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from gateway.adapters.tables import workspaces
from gateway.adapters.tables_of_evaluation import evaluation_runs, evaluations
from gateway.adapters.tenant import TenantRows
from gateway.domain.evaluations import CaseRun, EvaluationPlan, StoredEvaluation, scores_of

_e = evaluations.c
_r = evaluation_runs.c
RUNNING: Final = "running"
_DONE: Final = cast(
    ColumnElement[object],
    select(func.count())
    .where(_r.evaluation_id == _e.id, _r.scored.is_not(None))
    .correlate(evaluations)
    .scalar_subquery()
    .label("done"),
)


class PostgresEvaluations:
    """EvaluationStore over the tables `evaluations` and `evaluation_runs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, stored: StoredEvaluation, *, key: str | None, most: int
    ) -> Literal["added", "busy"] | Evaluation:
        """See `EvaluationStore.add`."""
        workspace_id, evaluation = stored.workspace_id, stored.evaluation
        async with self._database.transaction(workspace_id) as session:
            # One after the other, so that the count holds and a key is looked for and taken at once.
            await session.execute(
                select(workspaces.c.id).where(workspaces.c.id == workspace_id).with_for_update()
            )
            rows = TenantRows(session, evaluations, workspace_id)
            if key is not None:
                query = rows.select(*_e, _DONE).where(_e.key == key)
                known = (await session.execute(query)).first()
                if known is not None:
                    return _stored(known).evaluation
            query = rows.select(_e.id).where(_e.status == RUNNING).limit(most)
            if len((await session.execute(query)).all()) >= most:
                return "busy"
            await rows.add(
                id=evaluation.id,
                workflow_id=evaluation.workflow.id,
                dataset_id=evaluation.dataset_id,
                dataset_name=evaluation.dataset_name,
                status=evaluation.status,
                plan=stored.plan.model_dump(mode="json"),
                metrics=[],
                key=key,
                created_by=evaluation.created_by,
                created_at=evaluation.created_at,
                touched_at=evaluation.created_at,
            )
        return "added"

    async def get(self, workspace_id: str, evaluation_id: str) -> StoredEvaluation | None:
        """See `EvaluationStore.get`."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, evaluations, workspace_id)
            query = rows.select(*_e, _DONE).where(rows.of_id(evaluation_id))
            row = (await session.execute(query)).first()
        return None if row is None else _stored(row)

    async def page(
        self, workspace_id: str, *, closed: Collection[str], after: str | None, limit: int
    ) -> list[Evaluation]:
        """See `EvaluationStore.page`."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, evaluations, workspace_id).page(*_e, _DONE, after=after, limit=limit)
            found = await session.execute(query.where(_e.workflow_id.not_in(closed)))
            return [_stored(row).evaluation for row in found]

    async def running(self, *, limit: int) -> list[StoredEvaluation]:
        """See `EvaluationStore.running`."""
        query = select(*_e, _DONE).where(_e.status == RUNNING).order_by(_e.touched_at).limit(limit)
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return [_stored(row) for row in await session.execute(query)]

    async def runs(self, stored: StoredEvaluation) -> list[CaseRun]:
        """See `EvaluationStore.runs`."""
        async with self._database.transaction(stored.workspace_id) as session:
            query = TenantRows(session, evaluation_runs, stored.workspace_id).select()
            query = query.where(_r.evaluation_id == stored.evaluation.id).order_by(_r.place, _r.side)
            return [_run(row) for row in await session.execute(query)]

    async def note(self, stored: StoredEvaluation, run: CaseRun) -> None:
        """See `EvaluationStore.note`."""
        place = {"evaluation_id": stored.evaluation.id, "side": run.side, "place": run.place}
        values = {
            "run_id": run.run_id,
            "grading_run_id": run.grading_run_id,
            "scored": None if run.scored is None else run.scored.model_dump(mode="json"),
        }
        row = upsert(evaluation_runs).values(**place, workspace_id=stored.workspace_id, **values)
        async with self._database.transaction(stored.workspace_id) as session:
            await session.execute(row.on_conflict_do_update(index_elements=[*place], set_=values))

    async def touch(self, stored: StoredEvaluation, at: datetime) -> None:
        """See `EvaluationStore.touch`."""
        async with self._database.transaction(stored.workspace_id) as session:
            rows = TenantRows(session, evaluations, stored.workspace_id)
            await session.execute(rows.update().where(rows.of_id(stored.evaluation.id)).values(touched_at=at))

    async def finish(
        self,
        stored: StoredEvaluation,
        status: EvaluationStatus,
        *,
        at: datetime,
        error: str | None = None,
        metrics: Sequence[MetricLine] = (),
    ) -> bool:
        """See `EvaluationStore.finish`."""
        values = {
            "status": status,
            "error": error,
            "metrics": [one.model_dump(mode="json") for one in metrics],
            "finished_at": at,
        }
        async with self._database.transaction(stored.workspace_id) as session:
            rows = TenantRows(session, evaluations, stored.workspace_id)
            change = rows.update().where(rows.of_id(stored.evaluation.id), _e.status == RUNNING)
            ended = await session.execute(change.values(**values).returning(_e.id))
            return ended.first() is not None


def _stored(row: Row[*tuple[object, ...]]) -> StoredEvaluation:
    plan = EvaluationPlan.model_validate(row.plan)
    now, *before = plan.sides
    metrics = [MetricLine.model_validate(one) for one in row.metrics]
    evaluation = Evaluation(
        id=row.id,
        dataset_id=row.dataset_id,
        dataset_name=row.dataset_name,
        workflow=now.workflow,
        version=now.version,
        against=before[0].version if before else None,
        status=row.status,
        error=row.error,
        runs=plan.runs,
        done=row.done,
        scores=scores_of(metrics),
        created_by=row.created_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
    return StoredEvaluation(row.workspace_id, evaluation, plan, metrics)


def _run(row: Row[*tuple[object, ...]]) -> CaseRun:
    scored = None if row.scored is None else Scored.model_validate(row.scored)
    return CaseRun(row.side, row.place, row.run_id, row.grading_run_id, scored)
