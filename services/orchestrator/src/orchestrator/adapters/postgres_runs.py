"""Runs in Postgres: created once, changed at their revision, leased step by step."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from flowloom_language.plan import Plan
from flowloom_servicekit.database import Database
from orchestrator.adapters import sql_of_runs as sql
from orchestrator.adapters.rows import (
    Parameters,
    committed,
    events_text,
    journal_text,
    json_text,
    outbox_text,
    run_record,
    state_text,
    steps_text,
)
from orchestrator.domain.errors import IdempotencyConflictError
from orchestrator.domain.records import Committed, RunRecord, StoredChange
from orchestrator.ports import NewRun

MAX_PLANS: Final = 128


class PostgresRunStore:
    """See `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`."""
        plan_text = new.plan.model_dump_json(by_alias=True)
        plan_hash = hashlib.sha256(plan_text.encode()).hexdigest()
        async with self._database.transaction() as session:
            if new.idempotency_key is not None:
                known = await _claim_key(session, new)
                if known is not None:
                    return known
            parameters = _creation(new) | {"plan": plan_text, "plan_hash": plan_hash}
            row = (await session.execute(sql.CREATE, parameters)).one()
        self._remember(plan_hash, new.plan)
        return committed(new.id, row, new.events, new.outbox)

    async def load(self, run_id: str) -> RunRecord | None:
        """See `RunStore.load`."""
        async with self._database.transaction() as session:
            return await self.load_in(session, run_id)

    async def load_in(self, session: AsyncSession, run_id: str) -> RunRecord | None:
        """Return a run within a transaction of the caller's."""
        row = (await session.execute(sql.LOAD, {"id": run_id})).mappings().one_or_none()
        if row is None:
            return None
        plan = self._plans.get(row["plan_hash"])
        if plan is None:
            stored = await session.scalar(sql.LOAD_PLAN, {"id": run_id})
            plan = Plan.model_validate(stored)
            self._remember(row["plan_hash"], plan)
        return run_record(dict(row), plan)

    async def commit(self, change: StoredChange) -> Committed | None:
        """See `RunStore.commit`."""
        async with self._database.transaction() as session:
            row = (await session.execute(sql.COMMIT, _commit(change))).one_or_none()
        return None if row is None else committed(change.record.id, row, change.events, change.outbox)

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        parameters = {"run_id": run_id, "step": step, "exec": exec, "until": until}
        async with self._database.transaction() as session:
            # Losing the last second of leases at a power cut is harmless: they expire.
            await session.execute(text("set local synchronous_commit = off"))
            row = (await session.execute(sql.RENEW_LEASE, parameters)).one_or_none()
        if row is None:
            return "gone"
        deadline: datetime | None = row[0]
        return deadline

    def _remember(self, plan_hash: str, plan: Plan) -> None:
        self._plans[plan_hash] = plan
        if len(self._plans) > MAX_PLANS:
            self._plans.popitem(last=False)


async def _claim_key(session: AsyncSession, new: NewRun) -> str | None:
    """Take the idempotency key, or return the run that has it."""
    parameters = {
        "workspace_id": new.workspace_id,
        "key": new.idempotency_key,
        "run_id": new.id,
        "request_hash": new.request_hash,
        "now": new.now,
    }
    if (await session.execute(sql.CLAIM_KEY, parameters)).one_or_none() is not None:
        return None
    find = {"workspace_id": new.workspace_id, "key": new.idempotency_key}
    known = (await session.execute(sql.FIND_KEY, find)).one()
    if known.request_hash != new.request_hash:
        raise IdempotencyConflictError(f"The key {new.idempotency_key!r} started another run.")
    return str(known.run_id)


def _creation(new: NewRun) -> Parameters:
    return {
        "id": new.id,
        "workspace_id": new.workspace_id,
        "workflow_id": new.workflow.id,
        "workflow_name": new.workflow.name,
        "version": None if new.version == "draft" else new.version,
        "source": new.source,
        "document_hash": new.document_hash,
        "inputs": json_text(new.state.inputs),
        "status": new.state.status.value,
        "state": state_text(new.state),
        "now": new.now,
        "event_count": len(new.events),
        "events": events_text(new.events),
        "outbox": outbox_text(new.outbox),
    }


def _commit(change: StoredChange) -> Parameters:
    record = change.record
    return {
        "id": record.id,
        "revision": record.revision,
        "status": record.state.status.value,
        "state": state_text(record.state),
        "started_at": record.state.started_at,
        "finished_at": record.state.finished_at,
        "attempt": record.state.run.attempt,
        "driver": record.driver,
        "wake_at": change.wake_at,
        "driver_seen": change.driver_seen,
        "event_count": len(change.events),
        "events": events_text(change.events),
        "steps": steps_text(change.steps),
        "journal": journal_text(change.journal),
        "outbox": outbox_text(change.outbox),
    }
