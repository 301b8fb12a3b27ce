"""Stores a run, durably and once: what the gateway's 202 stands on."""

import hashlib
from functools import lru_cache
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import Run, StartRun
from flowloom_contracts.workflow import Workflow
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_language.inputs import InputError, resolve_inputs
from flowloom_language.plan import Plan, compile_plan
from flowloom_language.state import RunFacts, initial_state
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from orchestrator.domain.errors import InvalidDocumentError, InvalidInputsError, RunNotFoundError
from orchestrator.domain.milestones import accepted
from orchestrator.domain.records import OutboxItem, OutboxKind, driver_instance
from orchestrator.domain.views import run_view
from orchestrator.ports import NewRun, RunStore
from orchestrator.usecases.gate import Relay, RunGate

MAX_DOCUMENTS: Final = 64
"""Documents that are kept as they were understood; checking one takes longer than storing a run of it."""


async def start_run(request: StartRun, *, runs: RunStore, gate: RunGate, relay: Relay, clock: Clock) -> Run:
    """Store the run with its first event and its outbox; the same key and request give the same run.

    Raises `InvalidDocumentError`, `InvalidInputsError` and `IdempotencyConflictError`.
    """
    new = _new_run(request, clock)
    stored = await runs.create(new)
    if not isinstance(stored, str):
        gate.keep(new.record())
        relay.push(stored)
        return run_view(new.record())
    record = await runs.load(stored)
    if record is None:
        raise RunNotFoundError(f"There is no run {stored!r}.")
    return run_view(record)


def _new_run(request: StartRun, clock: Clock) -> NewRun:
    workflow, plan = _compiled(request.source)
    now, run_id = clock.now(), new_id()
    facts = RunFacts(
        id=run_id, workflow=request.workflow.name, version=request.version, started_at=now, attempt=1
    )
    state = initial_state(facts, _inputs(workflow, request), plan)
    schedule = OutboxItem(OutboxKind.SCHEDULE, {"instance": driver_instance(run_id, 1, 0)})
    return NewRun(
        id=run_id,
        workspace_id=request.actor.workspace_id,
        workflow=request.workflow,
        version=request.version,
        source=request.source,
        document_hash=hashlib.sha256(request.source.encode()).hexdigest(),
        plan=plan,
        state=state,
        events=(accepted(state, now),),
        outbox=(OutboxItem(OutboxKind.STREAM), schedule),
        now=now,
        idempotency_key=request.idempotency_key,
        request_hash=request.request_hash,
    )


@lru_cache(maxsize=MAX_DOCUMENTS)
def _compiled(source: str) -> tuple[Workflow, Plan]:
    """Return what a document says, which is the same for every run of it; neither is ever changed."""
    validated = validate_document(source, THIS_BUILD)
    if validated.workflow is None:
        raise InvalidDocumentError(validated.problems)
    return validated.workflow, compile_plan(validated.workflow)


def _inputs(workflow: Workflow, request: StartRun) -> JsonObject:
    try:
        return resolve_inputs(workflow.inputs, request.inputs)
    except InputError as error:
        raise InvalidInputsError(
            str(error),
            errors=[
                FieldProblem(path=item.path, code=item.code, message=item.message) for item in error.errors
            ],
        ) from error
