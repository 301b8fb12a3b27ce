"""The audit log in Postgres: written with the change it tells of, read and exported by workspace."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from flowloom_contracts.audit import AuditAction, AuditActor, AuditTarget
from flowloom_contracts.base import JsonValue
from flowloom_servicekit.database import Database
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from flowloom_servicekit.tracing import names
from gateway.adapters.tables import audit_entries, members
from gateway.adapters.tenant import TenantRows
from gateway.audit_ports import AuditFilter
from gateway.domain.acting import acting
from gateway.domain.audit import Deed, Link, body_of

_a = audit_entries.c
_LINK: Final = (_a.n, _a.body, _a.previous, _a.hash)
BATCH: Final = 1_000


INTO_LOG: Final = """
insert into gateway.audit_entries (workspace_id, n, body) values (:workspace_id, 0, :body)
"""
"""One entry, its parameters those of `entry_of`; the database itself gives number and hashes.

A statement that does a deed in one round trip ends with it.
"""


async def record(session: AsyncSession, deed: Deed, *, source: str | None = None) -> None:
    """Write a deed down in the transaction that does it: both are kept, or neither.

    Call it last: it holds the workspace's chain until the transaction ends. A `source` that was seen before
    adds nothing. The database itself gives number and hashes.
    """
    await session.execute(
        upsert(audit_entries)
        .values(
            workspace_id=deed.workspace_id,
            n=0,  # the trigger counts
            body=_text_of(deed),
            source=source,
        )
        .on_conflict_do_nothing(
            index_elements=[_a.workspace_id, _a.source], index_where=_a.source.is_not(None)
        )
    )


async def record_act(
    session: AsyncSession,
    action: AuditAction,
    workspace_id: str,
    *,
    kind: str,
    target_id: str,
    name: str | None = None,
    actor: AuditActor | None = None,
    **details: JsonValue,
) -> None:
    """Write down, in the transaction that does it, what whoever acts now did to something; call it last."""
    target = AuditTarget(kind=kind, id=target_id, name=name)
    entry = entry_of(action, workspace_id, target, actor=actor, **details)
    await session.execute(text(INTO_LOG), entry)


def entry_of(
    action: AuditAction,
    workspace_id: str,
    target: AuditTarget,
    *,
    actor: AuditActor | None = None,
    **details: JsonValue,
) -> dict[str, str]:
    """Return the parameters of `INTO_LOG` for what whoever acts now does to something."""
    deed = Deed(action, workspace_id, actor or acting(), datetime.now(UTC), target, details)
    return {"workspace_id": workspace_id, "body": _text_of(deed)}


def _text_of(deed: Deed) -> str:
    """Return what is kept of a deed, with the request that it belongs to."""
    return body_of(deed, trace_id=names().get("request"))


async def record_of_person(
    session: AsyncSession,
    action: AuditAction,
    user_id: str,
    *,
    actor: AuditActor | None = None,
    change: str | None = None,
) -> None:
    """Write down what was done to an account, in every workspace of its person; call it last.

    The chains are taken in one order, so that two deeds never wait for each other.
    """
    homes = (
        select(members.c.workspace_id).where(members.c.user_id == user_id).order_by(members.c.workspace_id)
    )
    for workspace_id in (await session.scalars(homes)).all():
        await record_act(
            session, action, workspace_id, kind="user", target_id=user_id, actor=actor, change=change
        )


class PostgresAuditLog:
    """AuditLog over the table `audit_entries`, whose rows nobody can change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, deed: Deed, *, source: str | None = None) -> None:
        """Write down what changes nothing else here."""
        async with self._database.transaction(deed.workspace_id) as session:
            await record(session, deed, source=source)

    async def page(
        self, workspace_id: str, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> list[Link]:
        """Return entries, newest first."""
        conditions = _conditions(wanted) + ([] if before is None else [_a.n < before])
        async with self._database.transaction(workspace_id) as session:
            rows = TenantRows(session, audit_entries, workspace_id)
            query = rows.select(*_LINK).where(*conditions).order_by(_a.n.desc()).limit(limit)
            return [_link(row) for row in await session.execute(query)]

    async def chain(self, workspace_id: str) -> AsyncIterator[list[Link]]:
        """Give the whole chain in batches, oldest first."""
        last = 0
        while True:
            async with self._database.transaction(workspace_id) as session:
                rows = TenantRows(session, audit_entries, workspace_id)
                query = rows.select(*_LINK).where(_a.n > last).order_by(_a.n).limit(BATCH)
                found = [_link(row) for row in await session.execute(query)]
            if not found:
                return
            yield found
            last = found[-1].n

    async def workspaces(self) -> list[str]:
        """Return every workspace that has a chain: only the check of all of them asks."""
        async with self._database.transaction(EVERY_WORKSPACE) as session:
            return [str(found) for found in await session.scalars(select(_a.workspace_id).distinct())]


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    equal = {
        _a.action: wanted.action,
        _a.outcome: wanted.outcome,
        _a.actor_id: wanted.actor_id,
        _a.target_kind: wanted.target_kind,
        _a.target_id: wanted.target_id,
    }
    found: list[ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if wanted.since is not None:
        found.append(_a.at >= wanted.since)
    if wanted.until is not None:
        found.append(_a.at < wanted.until)
    return found


def _link(row: Row[*tuple[object, ...]]) -> Link:
    return Link(n=row.n, body=row.body, previous=bytes(row.previous), hash=bytes(row.hash))
