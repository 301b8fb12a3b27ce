"""Workflow documents in Postgres, byte for byte."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Integer, Row, bindparam
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.api import WorkflowFilter
from flowloom_contracts.audit import AuditAction
from flowloom_contracts.automation import SyncSchedules
from flowloom_contracts.document import DocumentProblem
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.queries import Query
from gateway.adapters.audit_trail import record_act
from gateway.adapters.postgres_versions import tell_schedules
from gateway.adapters.tables import triggers, workflows
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.adapters.workflow_queries import conditions, ordered
from gateway.domain.paging import Place
from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowRow

_w = workflows.c
_SUMMARY = (_w.id, _w.name, _w.title, _w.draft_valid, _w.published_version, _w.updated_at, _w.labels)

ANY: Final = WorkflowFilter()
FIRST: Final = Query(
    ordered(of_workspace(workflows, *_SUMMARY), ANY.order, None).limit(bindparam("limit", type_=Integer))
)
"""What is opened most: the first page of all of them."""

ONE: Final = Query(of_workspace(workflows).where(_w.id == bindparam("id")))


class PostgresWorkflowStore:
    """WorkflowStore over the table `workflows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, user_id: str, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a new workflow, or say that its name is taken."""
        try:
            async with self._database.transaction(workspace_id) as session:
                await TenantRows(session, workflows, workspace_id).add(
                    id=workflow_id, revision=1, created_by=user_id, created_at=now, **_values(draft, now)
                )
        except IntegrityError:
            return "name_taken"
        return StoredWorkflow(id=workflow_id, draft=draft, revision=1, published_version=None, updated_at=now)

    async def page(
        self,
        workspace_id: str,
        wanted: WorkflowFilter,
        *,
        after: Place | None,
        limit: int,
        closed: Sequence[str] = (),
    ) -> list[WorkflowRow]:
        """Return the wanted workflows in their order, without their texts."""
        if after is None and wanted == ANY and not closed:
            parameters = {"workspace_id": workspace_id, "limit": limit}
            found = await self._database.found(FIRST, parameters, workspace=workspace_id)
            return [_row(row) for row in found]
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, workflows, workspace_id).select(*_SUMMARY).where(*conditions(wanted))
            query = ordered(query.where(*_open(closed)), wanted.order, after).limit(limit)
            return [_row(row) for row in await session.execute(query)]

    async def edited(self, workspace_id: str, *, limit: int, closed: Sequence[str] = ()) -> list[WorkflowRow]:
        """Return the workflows that were changed last, without their texts."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, workflows, workspace_id)
            query = rows.select(*_SUMMARY).where(*_open(closed))
            query = query.order_by(_w.updated_at.desc(), _w.id).limit(limit)
            return [_row(row) for row in await session.execute(query)]

    async def get(self, workspace_id: str, workflow_id: str) -> StoredWorkflow | None:
        """Return a workflow of this workspace."""
        if not is_id(workflow_id):
            return None
        parameters = {"workspace_id": workspace_id, "id": workflow_id}
        found = await self._database.found(ONE, parameters, workspace=workspace_id)
        return _stored(found[0]) if found else None

    async def replace(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, revision: int, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """Store a draft over the one of `revision`, or say why not."""
        try:
            async with self._database.transaction(workspace_id) as session:
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

    async def names(self, workspace_id: str, *, without: Sequence[str] = ()) -> dict[str, int | None]:
        """Return the names of this workspace's workflows, each with its published version."""
        async with self._database.transaction(workspace_id) as session:
            query = TenantRows(session, workflows, workspace_id).select(_w.name, _w.published_version)
            query = query.where(*_open(without))
            return {row.name: row.published_version for row in await session.execute(query)}

    async def of_name(self, workspace_id: str, name: str) -> StoredWorkflow | None:
        """Return the workflow of this workspace that has a name."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, workflows, workspace_id)
            row = (await session.execute(rows.select().where(_w.name == name))).first()
        return None if row is None else _stored(row)

    async def delete(
        self,
        workspace_id: str,
        workflow_id: str,
        *,
        revision: int | None,
        told: SyncSchedules | None,
        now: datetime,
    ) -> Literal["deleted", "missing", "stale"]:
        """Delete a workflow and switch its triggers off, in one transaction."""
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, workflows, workspace_id)
            change = rows.delete().where(rows.of_id(workflow_id))
            if revision is not None:
                change = change.where(_w.revision == revision)
            if (await session.execute(change.returning(_w.id))).first() is not None:
                off = TenantRows(session, triggers, workspace_id).update()
                await session.execute(off.where(triggers.c.workflow_id == workflow_id).values(active=False))
                if told is not None:
                    await tell_schedules(session, workflow_id, told.model_dump_json(), now=now)
                await record_act(
                    session,
                    AuditAction.WORKFLOW_DELETED,
                    workspace_id,
                    kind="workflow",
                    target_id=workflow_id,
                )
                return "deleted"
            return await _why_not(session, rows, workflow_id)


def _open(closed: Sequence[str]) -> list[ColumnElement[bool]]:
    return [_w.id.not_in(closed)] if closed else []


async def _why_not(session: AsyncSession, rows: TenantRows, workflow_id: str) -> Literal["missing", "stale"]:
    found = await session.execute(rows.select(_w.id).where(rows.of_id(workflow_id)))
    return "missing" if found.first() is None else "stale"


def _row(row: Row[*tuple[object, ...]]) -> WorkflowRow:
    return WorkflowRow(
        id=row.id,
        name=row.name,
        title=row.title,
        is_valid=row.draft_valid,
        published_version=row.published_version,
        updated_at=row.updated_at,
        labels=row.labels,
    )


def _values(draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "name": draft.name,
        "title": draft.title,
        "source": draft.source.encode(),
        "layout": draft.layout,
        "tests": draft.tests.encode(),
        "problems": [problem.model_dump(mode="json") for problem in draft.problems],
        "draft_valid": draft.is_valid,
        "labels": dict(draft.labels),
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
            labels=row.labels,
        ),
        revision=row.revision,
        published_version=row.published_version,
        updated_at=row.updated_at,
    )
