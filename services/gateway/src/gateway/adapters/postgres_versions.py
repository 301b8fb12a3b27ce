"""Versions of workflows in Postgres, and what publishing one switches on and off."""

from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_contracts.api import VersionSummary
from flowloom_contracts.audit import AuditAction
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import is_id, new_id
from gateway.adapters.audit_trail import record_act
from gateway.adapters.postgres_outbox import tell
from gateway.adapters.tables import triggers, users, versions, workflows
from gateway.adapters.tenant import TenantRows
from gateway.version_ports import Publication, StoredVersion

_v = versions.c
KEPT: Final = 64
"""Documents that are kept at hand; a version never changes."""


class PostgresVersionStore:
    """VersionStore over the table `versions`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[str, str, int], StoredVersion] = OrderedDict()

    async def publish(self, publication: Publication) -> int | Literal["missing", "stale"]:
        """Store the next version under the lock of its workflow, so that numbers are dense."""
        async with self._database.transaction(publication.workspace_id) as session:
            rows = TenantRows(session, workflows, publication.workspace_id)
            found = await session.execute(
                rows.select(workflows.c.revision, workflows.c.published_version)
                .where(rows.of_id(publication.workflow_id))
                .with_for_update()
            )
            row = found.first()
            if row is None:
                return "missing"
            if row[0] != publication.revision:
                return "stale"
            version = await _add_version(session, publication)
            await session.execute(
                rows.update().where(rows.of_id(publication.workflow_id)).values(published_version=version)
            )
            await _switch_triggers(session, publication, version)
            if publication.schedules.schedules or row[1] is not None:
                told = publication.schedules.model_copy(update={"version": version})
                await tell_schedules(
                    session, publication.workflow_id, told.model_dump_json(), now=publication.now
                )
            await record_act(
                session,
                AuditAction.WORKFLOW_PUBLISHED,
                publication.workspace_id,
                kind="workflow",
                target_id=publication.workflow_id,
                name=publication.draft.name,
                version=version,
                document_hash=publication.document_hash,
            )
        return version

    async def page(
        self, workspace_id: str, workflow_id: str, *, after: str | None, limit: int
    ) -> list[tuple[str, VersionSummary]]:
        """Return row ids and versions, newest first."""
        if not is_id(workflow_id):
            return []
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, versions, workspace_id)
                .page(
                    _v.id,
                    _v.version,
                    _v.note,
                    _v.published_at,
                    _v.document_hash,
                    users.c.email,
                    after=after,
                    limit=limit,
                )
                .join(users, users.c.id == _v.published_by)
                .where(_v.workflow_id == workflow_id)
            )
            return [(row.id, _summary(row)) for row in await session.execute(query)]

    async def get(self, workspace_id: str, workflow_id: str, version: int) -> StoredVersion | None:
        """Return a version of a workflow of this workspace."""
        key = (workspace_id, workflow_id, version)
        known = self._kept.get(key)
        if known is not None or not is_id(workflow_id):
            return known
        async with self._database.transaction(workspace_id) as session:
            query = (
                TenantRows(session, versions, workspace_id)
                .select(*versions.c, users.c.email)
                .join(users, users.c.id == _v.published_by)
                .where(_v.workflow_id == workflow_id, _v.version == version)
            )
            row = (await session.execute(query)).first()
        if row is None:
            return None
        stored = StoredVersion(
            id=row.id,
            summary=_summary(row),
            name=row.name,
            source=row.source.decode(),
            layout=row.layout,
            tests=row.tests.decode(),
        )
        self._kept[key] = stored
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return stored


async def _add_version(session: AsyncSession, publication: Publication) -> int:
    highest = await session.scalar(
        select(func.max(_v.version)).where(_v.workflow_id == publication.workflow_id)
    )
    version = (highest or 0) + 1
    draft = publication.draft
    await TenantRows(session, versions, publication.workspace_id).add(
        id=new_id(),
        workflow_id=publication.workflow_id,
        version=version,
        name=draft.name,
        title=draft.title,
        source=draft.source.encode(),
        layout=draft.layout,
        tests=draft.tests.encode(),
        document_hash=publication.document_hash,
        note=None if publication.note is None else publication.note.encode(),
        published_by=publication.user_id,
        published_at=publication.now,
    )
    return version


async def _switch_triggers(session: AsyncSession, publication: Publication, version: int) -> None:
    """Switch on what the version has, under the ids it had before, and off what it has no longer."""
    of_workflow = triggers.c.workflow_id == publication.workflow_id
    await session.execute(update(triggers).where(of_workflow).values(active=False))
    for trigger in publication.triggers:
        known = {
            "workflow_name": publication.draft.name,
            "topic": trigger.topic,
            "version": version,
            "spec": trigger.spec,
            "active": True,
        }
        await session.execute(
            upsert(triggers)
            .values(
                id=new_id(),
                workspace_id=publication.workspace_id,
                workflow_id=publication.workflow_id,
                trigger=trigger.trigger,
                kind=trigger.kind,
                created_at=publication.now,
                **known,
            )
            .on_conflict_do_update(
                index_elements=[triggers.c.workflow_id, triggers.c.trigger, triggers.c.kind], set_=known
            )
        )


async def tell_schedules(session: AsyncSession, workflow_id: str, payload: str, *, now: datetime) -> None:
    """Leave word for the orchestrator, in the transaction that decides it."""
    await tell(session, "schedules", workflow_id, payload, now=now)


def _summary(row: Row[*tuple[object, ...]]) -> VersionSummary:
    return VersionSummary(
        version=row.version,
        note=None if row.note is None else bytes(row.note).decode(),
        published_by=row.email,
        published_at=row.published_at,
        document_hash=row.document_hash,
    )
