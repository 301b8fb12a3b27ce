"""Runs in Postgres: created once, changed at their revision, leased step by step."""

import hashlib
from collections import OrderedDict
from datetime import datetime
from typing import Final, Literal

import asyncpg

from flowloom_language.plan import Plan
from flowloom_servicekit.database import Database
from orchestrator.adapters import sql_of_runs as sql
from orchestrator.adapters.people_rows import approvals_text, ledgers_text, worked_text
from orchestrator.adapters.postgres_admission import PlacesOfNewRuns, placed
from orchestrator.adapters.rows import (
    Parameters,
    committed,
    events_text,
    journal_text,
    json_text,
    origin_text,
    outbox_text,
    run_record,
    state_text,
    steps_text,
)
from orchestrator.domain.admission import KeyLimit, Slots, is_tried_again, refusal, without_start
from orchestrator.domain.errors import AlreadyReceivedError, IdempotencyConflictError, RunBusyError
from orchestrator.domain.records import Committed, RunRecord, StoredChange
from orchestrator.ports.runs import NewRun

MAX_PLANS: Final = 128
MAX_TEXTS: Final = 64


class PostgresRunStore:
    """See `RunStore`."""

    def __init__(self, database: Database, slots: Slots | None = None) -> None:
        self._database = database
        self._places = PlacesOfNewRuns(database, slots or Slots())
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._texts: OrderedDict[int, tuple[Plan, str, str]] = OrderedDict()

    async def create(self, new: NewRun) -> Committed | str:
        """See `RunStore.create`."""
        plan_text, plan_hash = self._written(new.plan)
        limit = await self._places.limit_of(new)
        parameters = _creation(new) | {"plan": plan_text, "plan_hash": plan_hash}
        statement = sql.CREATE if new.files is None else sql.CREATE_WITH_FILES
        rows = await self._database.rows(statement, parameters | self._places.parameters(new, limit))
        if not rows:
            return await self._refused_or_known(new, limit)
        self._remember(plan_hash, new.plan)
        return placed(new.id, rows[0], new.events, new.outbox)

    async def known(self, new: NewRun) -> str | None:
        """See `RunStore.known`."""
        if new.idempotency_key is None:
            return None
        find = {"workspace_id": new.workspace_id, "key": new.idempotency_key, "now": new.now}
        found = await self._database.rows(sql.FIND_KEY, find)
        if not found:
            return None
        if found[0]["request_hash"] != new.request_hash:
            raise IdempotencyConflictError(f"The key {new.idempotency_key!r} started another run.")
        return str(found[0]["run_id"])

    async def _refused_or_known(self, new: NewRun, limit: KeyLimit | None) -> str:
        """Return the run that has the idempotency key; without one, the concurrency key has no room."""
        known = await self.known(new)
        if known is not None:
            return known
        if limit is None:
            raise RunBusyError(new.id)  # the other start of the same key is not committed yet
        raise refusal(limit)

    async def load(self, run_id: str, *, workspace: str | None = None) -> RunRecord | None:
        """See `RunStore.load`; with a workspace only a run of it is found."""
        rows = await self._database.rows(sql.LOAD, {"id": run_id}, workspace=workspace)
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
        if is_tried_again(change):
            return await self._commit_queued(change)
        statement = sql.COMMIT_WIDE if change.is_wide else sql.COMMIT
        try:
            rows = await self._database.rows(statement, _commit(change))
        except asyncpg.UniqueViolationError as error:
            if not change.receipts:
                raise
            raise AlreadyReceivedError(", ".join(change.receipts)) from error
        return committed(change.record.id, rows[0], change.events, change.outbox) if rows else None

    async def _commit_queued(self, change: StoredChange) -> Committed | None:
        """Write the beginning of a run's next attempt, which waits for a slot as the first one did."""
        parameters = _commit(change) | self._places.of_retry(change)
        parameters["outbox"] = outbox_text(without_start(change.outbox))
        rows = await self._database.rows(sql.COMMIT_QUEUED, parameters)
        return placed(change.record.id, rows[0], change.events, change.outbox) if rows else None

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
    taken = {"files_of": new.files.run_id, "files_steps": list(new.files.steps)} if new.files else {}
    return taken | {
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
        "outbox": outbox_text(without_start(new.outbox)),
        "key": new.idempotency_key,
        "request_hash": new.request_hash,
        "priority": new.priority,
        "parent_id": new.origin.parent.run_id if new.origin.parent else None,
        "origin": origin_text(new.origin),
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
        "generation": record.generation,
        "is_over": record.state.status.is_terminal,
        "wake_at": record.wake_at,
        "driver_seen": change.driver_seen,
        "event_count": len(change.events),
        "events": events_text(change.events),
        "steps": steps_text(change.steps),
        "left": list(change.left),
        "journal": journal_text(change.journal),
        "outbox": outbox_text(change.outbox),
        "receipts": list(change.receipts),
        "approvals": approvals_text(change.approvals),
        "ledgers": ledgers_text(change.ledgers),
        "worked": worked_text(change.worked),
        "reopened": list(change.reopened),
    }
