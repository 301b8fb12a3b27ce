"""Stores a run, durably and once: what the gateway's 202 stands on."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.forks import ForkReport
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import Run
from flowloom_contracts.starts import StartRun
from flowloom_contracts.workflow import Workflow
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_language.forks import UnknownForkStepError, pinned
from flowloom_language.inputs import InputError, resolve_inputs
from flowloom_language.large_values import defused, refs_in
from flowloom_language.plan import Plan, compile_plan
from flowloom_language.state import Reuse, RunFacts, initial_state
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.tracing import carrier, current
from orchestrator.domain.driving import never_waits
from orchestrator.domain.errors import (
    InvalidDocumentError,
    InvalidInputsError,
    RunNotFoundError,
    StepNotFoundError,
)
from orchestrator.domain.milestones import accepted
from orchestrator.domain.records import (
    OutboxItem,
    OutboxKind,
    Parent,
    RunOrigin,
    driver_instance,
)
from orchestrator.domain.sight import without_limits
from orchestrator.domain.views import run_view
from orchestrator.ports.runs import NewRun, RunStore
from orchestrator.usecases.gate import Relay, RunGate


class Starting(Protocol):
    """Gives a new run what it has of another one."""

    async def whole(self, request: StartRun) -> StartRun:
        """Return the request with the large values in its inputs, which the run above it has."""

    async def light(self, new: NewRun) -> NewRun:
        """Return the run with inputs that fit into a state; what was too large in them is kept."""

    async def beginning(self, request: StartRun, new: NewRun) -> tuple[NewRun, ForkReport]:
        """Return the run with what `from` names; raises `RunNotFoundError` and `StepNotFoundError`."""


MAX_DOCUMENTS: Final = 64
"""Documents that are kept as they were understood; checking one takes longer than storing a run of it."""


async def start_run(
    request: StartRun, *, starting: Starting, runs: RunStore, gate: RunGate, relay: Relay, clock: Clock
) -> Run:
    """Store the run with its first event and its outbox; the same key and request give the same run.

    Raises `InvalidDocumentError`, `InvalidInputsError`, `StepNotFoundError`, `RunNotFoundError` (of the run
    in `from`) and `IdempotencyConflictError`.
    """
    has_refs = request.parent is not None and bool(refs_in(request.inputs))
    new = new_run(await starting.whole(request) if has_refs else _from_outside(request), now=clock.now())
    if has_refs:
        new = await starting.light(new)
    if request.from_ is not None:
        new, _ = await starting.beginning(request, new)
    return await store_run(new, runs=runs, gate=gate, relay=relay)


def _from_outside(request: StartRun) -> StartRun:
    """Return a request whose inputs cannot be taken for values that the run has somewhere else."""
    if not refs_in(request.inputs):
        return request
    marked = {name: defused(value) for name, value in request.inputs.items()}
    return request.model_copy(update={"inputs": marked})


async def store_run(new: NewRun, *, runs: RunStore, gate: RunGate, relay: Relay) -> Run:
    """Store a run that is made already; raises `IdempotencyConflictError`."""
    stored = await runs.create(new)
    if not isinstance(stored, str):
        gate.keep(new.record())
        relay.push(stored)
        return run_view(new.record())
    record = await runs.load(stored)
    if record is None:
        raise RunNotFoundError(f"There is no run {stored!r}.")
    return run_view(record)


def new_run(request: StartRun, *, now: datetime) -> NewRun:
    """Return the run that a request asks for, without what it may reuse of another one."""
    workflow, plan = compiled(request.source, request.agents)
    run_id = new_id()
    facts = RunFacts(
        id=run_id,
        workflow=request.workflow.name,
        version=request.version,
        trigger=request.trigger,
        started_at=now,
        attempt=1,
    )
    state = initial_state(
        facts,
        _inputs(workflow, request.inputs),
        plan,
        until_step=_known_step(plan, request.until_step),
        reuse=_pinned(plan, request.pins),
    )
    schedule = OutboxItem(OutboxKind.SCHEDULE, _driver(run_id, plan))
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
        priority=request.priority,
        origin=_origin(request, workflow.metadata.labels),
    )


def _driver(run_id: str, plan: Plan) -> JsonObject:
    """Return what the driver is started with, in the trace of whoever asked for the run."""
    trace: JsonObject = {**carrier()}
    start: JsonObject = {"instance": driver_instance(run_id, 1, 0), "here": never_waits(plan)}
    return {**start, "trace": trace} if trace else start


def _origin(request: StartRun, labels: Mapping[str, str]) -> RunOrigin:
    parent = None
    if request.parent is not None:
        parent = Parent(request.parent.run_id, request.parent.step, detached=request.detached)
    return RunOrigin(
        parent=parent,
        depth=request.depth,
        actor=without_limits(request.actor),
        budget=request.budget,
        labels=dict(labels),
        is_private=request.is_private,
        under=tuple(request.under),
        trace_id=place.trace_id if (place := current()) else "",
    )


def _known_step(plan: Plan, path: str | None) -> str | None:
    if path is not None and plan.block.get(path) is None:
        raise StepNotFoundError(f"The workflow has no step {path!r}.")
    return path


def _pinned(plan: Plan, pins: JsonObject) -> dict[str, Reuse]:
    try:
        return pinned(plan, pins)
    except UnknownForkStepError as error:
        raise StepNotFoundError(str(error)) from error


def compiled(source: str, agents: Mapping[str, AgentDefinition]) -> tuple[Workflow, Plan]:
    """Return what a document says, its plan with the workspace's agents as they are at this start."""
    workflow, plan = _understood(source, tuple(sorted((name, one.kind) for name, one in agents.items())))
    return workflow, plan.with_agents(agents)


@lru_cache(maxsize=MAX_DOCUMENTS)
def _understood(source: str, agents: tuple[tuple[str, str], ...]) -> tuple[Workflow, Plan]:
    """Return what a document says, which is the same for every run of it; neither is ever changed."""
    validated = validate_document(source, replace(THIS_BUILD, agents=dict(agents)))
    if validated.workflow is None:
        raise InvalidDocumentError(validated.problems)
    return validated.workflow, compile_plan(validated.workflow)


def _inputs(workflow: Workflow, given: JsonObject) -> JsonObject:
    try:
        return resolve_inputs(workflow.inputs, given)
    except InputError as error:
        raise InvalidInputsError(
            str(error),
            errors=[
                FieldProblem(path=item.path, code=item.code, message=item.message) for item in error.errors
            ],
        ) from error
