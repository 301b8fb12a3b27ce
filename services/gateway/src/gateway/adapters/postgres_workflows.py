"""Workflow documents in Postgres, byte for byte."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.document import DocumentProblem
from flowloom_servicekit.database import Database
from gateway.adapters.tables import workflows
from gateway.adapters.tenant import TenantRows
from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowRow

_w = workflows.c
_SUMMARY = (_w.id, _w.name, _w.title, _w.draft_valid, _w.published_version, _w.updated_at)


class PostgresWorkflowStore:
    """WorkflowStore over the table `workflows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, user_id: str, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a new workflow, or say that its name is taken."""
        try:
            async with self._database.transaction() as session:
                await TenantRows(session, workflows, workspace_id).add(
                    id=workflow_id, revision=1, created_by=user_id, created_at=now, **_values(draft, now)
                )
        except IntegrityError:
            return "name_taken"
        return StoredWorkflow(id=workflow_id, draft=draft, revision=1, published_version=None, updated_at=now)

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[WorkflowRow]:
        """Return workflows, newest first, without their texts."""
        async with self._database.transaction() as session:
            query = TenantRows(session, workflows, workspace_id).page(*_SUMMARY, after=after, limit=limit)
            return [
                WorkflowRow(
                    id=row.id,
                    name=row.name,
                    title=row.title,
                    is_valid=row.draft_valid,
                    published_version=row.published_version,
                    updated_at=row.updated_at,
                )
                for row in await session.execute(query)
            ]

    async def get(self, workspace_id: str, workflow_id: str) -> StoredWorkflow | None:
        """Return a workflow of this workspace."""
        async with self._database.transaction() as session:
            rows = TenantRows(session, workflows, workspace_id)
            row = (await session.execute(rows.select().where(rows.of_id(workflow_id)))).first()
        return None if row is None else _stored(row)

    async def replace(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, revision: int, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a draft over the one of `revision`, or say why not."""
        try:
            async with self._database.transaction() as session:
                rows = TenantRows(session, workflows, workspace_id)
                change = (
                    rows.update()
                    .where(rows.of_id(workflow_id), _w.revision == revision)
                    .values(revision=revision + 1, **_values(draft, now))
                    .returning(*workflows.c)
                )
                row = (await session.execute(change)).first()
                return _stored(row) if row is not None else await _why_not(session, rows, workflow_id)
        except IntegrityError:
            return "name_taken"

    async def delete(
        self, workspace_id: str, workflow_id: str, *, revision: int | None
    ) -> Literal["deleted", "missing", "stale"]:
        """Delete a workflow, if `revision` is given only in that state."""
        async with self._database.transaction() as session:
            rows = TenantRows(session, workflows, workspace_id)
            change = rows.delete().where(rows.of_id(workflow_id))
            if revision is not None:
                change = change.where(_w.revision == revision)
            if (await session.execute(change.returning(_w.id))).first() is not None:
                return "deleted"
            return await _why_not(session, rows, workflow_id)


async def _why_not(session: AsyncSession, rows: TenantRows, workflow_id: str) -> Literal["missing", "stale"]:
    found = await session.execute(rows.select(_w.id).where(rows.of_id(workflow_id)))
    return "missing" if found.first() is None else "stale"


def _values(draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "name": draft.name,
        "title": draft.title,
        "source": draft.source.encode(),
        "layout": draft.layout,
        "tests": draft.tests.encode(),
        "problems": [problem.model_dump(mode="json") for problem in draft.problems],
        "draft_valid": draft.is_valid,
        "updated_at": now,
    }


def _stored(row: Row[*tuple[object, ...]]) -> StoredWorkflow:
    return StoredWorkflow(
        id=row.id,
        draft=Draft(
            name=row.name,
            title=row.title,
            source=row.source.decode(),
            layout=row.layout,
            tests=row.tests.decode(),
            problems=tuple(DocumentProblem.model_validate(problem) for problem in row.problems),
            is_valid=row.draft_valid,
        ),
        revision=row.revision,
        published_version=row.published_version,
        updated_at=row.updated_at,
    )
