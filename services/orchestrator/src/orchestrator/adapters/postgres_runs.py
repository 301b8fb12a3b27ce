"""Runs in Postgres: created once, changed at their revision, leased step by step."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

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
MAX_TEXTS: Final = 64


class PostgresRunStore:
    """See `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._texts: OrderedDict[int, tuple[Plan, str, str]] = OrderedDict()

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`."""
        plan_text, plan_hash = self._written(new.plan)
        parameters = _creation(new) | {"plan": plan_text, "plan_hash": plan_hash}
        rows = await self._database.rows(sql.CREATE, parameters)
        if not rows:
            return await self._known(new)
        self._remember(plan_hash, new.plan)
        return committed(new.id, rows[0], new.events, new.outbox)

    async def _known(self, new: NewRun) -> str:
        """Return the run that has the idempotency key."""
        find = {"workspace_id": new.workspace_id, "key": new.idempotency_key}
        known = (await self._database.rows(sql.FIND_KEY, find))[0]
        if known["request_hash"] != new.request_hash:
            raise IdempotencyConflictError(f"The key {new.idempotency_key!r} started another run.")
        return str(known["run_id"])

    async def load(self, run_id: str) -> RunRecord | None:
        """See `RunStore.load`."""
        rows = await self._database.rows(sql.LOAD, {"id": run_id})
        if not rows:
            return None
        row = dict(rows[0])
        plan_hash = str(row["plan_hash"])
        plan = self._plans.get(plan_hash)
        if plan is None:
            stored = await self._database.rows(sql.LOAD_PLAN, {"id": run_id})
            plan = Plan.model_validate(stored[0]["plan"])
            self._remember(plan_hash, plan)
        return run_record(row, plan)

    async def commit(self, change: StoredChange) -> Committed | None:
        """See `RunStore.commit`."""
        rows = await self._database.rows(sql.COMMIT, _commit(change))
        return committed(change.record.id, rows[0], change.events, change.outbox) if rows else None

    async def renew_lease(
        self, run_id: str, step: str, *, exec: int, until: datetime
    ) -> datetime | Literal["gone"] | None:
        """See `RunStore.renew_lease`."""
        parameters = {"run_id": run_id, "step": step, "exec": exec, "until": until}
        # Losing the last second of leases at a power cut is harmless: they expire.
        rows = await self._database.rows(sql.RENEW_LEASE, parameters)
        if not rows:
            return "gone"
        deadline = rows[0]["deadline_at"]
        return deadline if isinstance(deadline, datetime) else None

    def _written(self, plan: Plan) -> tuple[str, str]:
        """Return a plan as text with its hash; runs of one document have the same plan, written once."""
        known = self._texts.get(id(plan))
        if known is None or known[0] is not plan:
            plan_text = plan.model_dump_json(by_alias=True)
            known = (plan, plan_text, hashlib.sha256(plan_text.encode()).hexdigest())
            self._texts[id(plan)] = known
            if len(self._texts) > MAX_TEXTS:
                self._texts.popitem(last=False)
        return known[1], known[2]

    def _remember(self, plan_hash: str, plan: Plan) -> None:
        self._plans[plan_hash] = plan
        if len(self._plans) > MAX_PLANS:
            self._plans.popitem(last=False)


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
        "key": new.idempotency_key,
        "request_hash": new.request_hash,
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
