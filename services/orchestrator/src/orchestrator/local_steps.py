"""Runs steps in this process: lease, heartbeat, deadline and stop around the kind's own work."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import cast

from flowloom_contracts.agents import HEARTBEAT_SECONDS, LEASE_SECONDS, StepTask
from flowloom_modelkit.deltas import DeltaBatcher, DeltaWriter
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.prices import CallCosts
from flowloom_modelkit.stop import StopSignal
from flowloom_modelkit.telemetry import STEPS_SECONDS
from flowloom_modelkit.workspace_models import WorkspaceModels
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.tracing import about, span
from orchestrator.attempt_journal import AttemptJournal, BufferedCallJournal, StoredCallJournal
from orchestrator.execution import Finish, Grant, StepPlace
from orchestrator.ports.journal import JournalStore
from orchestrator.ports.runs import RunStore
from orchestrator.step_context import StepContext, StepModule, StepParts
from orchestrator.usecases.gate import Relay
from orchestrator.usecases.guard_calls import CallGuard
from orchestrator.usecases.stops import StopRegistry


class LocalSteps:
    """See `StepRunner`; each kind is a module of its name in `steps/`."""

    def __init__(
        self,
        *,
        parts: StepParts,
        model: ModelCaller,
        journal: JournalStore,
        runs: RunStore,
        deltas: DeltaWriter,
        guard: CallGuard,
        costs: CallCosts,
        models: WorkspaceModels | None = None,
        relay: Relay,
        stops: StopRegistry,
        clock: Clock,
    ) -> None:
        self._parts = parts
        self._model = model
        self._journal = journal
        self._runs = runs
        self._deltas = deltas
        self._guard = guard
        self._costs = costs
        self._models = models
        self._relay = relay
        self._stops = stops
        self._clock = clock

    async def run(self, place: StepPlace, grant: Grant, *, finish: Finish, is_first: bool) -> None:
        """See `StepRunner.run`."""
        told = {"flowloom.run_id": place.run_id, "flowloom.step": place.step}
        with (
            about(run=place.run_id, step=place.step, tenant=grant.workspace_id),
            span(f"step {grant.task.kind}", kind="internal", **told),
            STEPS_SECONDS.labels(grant.task.kind).time(),
        ):
            await self._run(place, grant, finish=finish, is_first=is_first)

    async def _run(self, place: StepPlace, grant: Grant, *, finish: Finish, is_first: bool) -> None:
        ref = StepRef(place.run_id, place.step, place.attempt, grant.exec)
        with self._stops.watching(place.run_id) as stop:
            async with self._alive(ref, grant, stop):
                is_plain = is_first and _repeats_freely(grant.task)
                is_plain = is_plain and await self._guard.is_free(ref.run_id, ref.step)
                model = await self._model_of(grant)
                context = self._context(ref, grant, stop, model=model, is_plain=is_plain)
                await step_module(grant.task.kind).run(grant.task, context, finish=finish)

    @asynccontextmanager
    async def _alive(self, ref: StepRef, grant: Grant, stop: StopSignal) -> AsyncIterator[None]:
        """Renew the lease while the block runs; end it at the deadline or when the step is someone else's."""
        seconds = (grant.deadline_at - self._clock.now()).total_seconds()
        timer = asyncio.get_running_loop().call_later(max(seconds, 0), stop.stop, "deadline")
        beat = asyncio.create_task(self._beat(ref, stop))
        try:
            yield
        finally:
            timer.cancel()
            beat.cancel()

    async def _beat(self, ref: StepRef, stop: StopSignal) -> None:
        while True:
            await self._clock.sleep(HEARTBEAT_SECONDS)
            until = self._clock.now() + timedelta(seconds=LEASE_SECONDS)
            try:
                deadline = await self._runs.renew_lease(ref.run_id, ref.step, exec=ref.exec, until=until)
            except UpstreamError:
                continue
            if deadline == "gone":
                stop.stop("superseded")

    async def _model_of(self, grant: Grant) -> tuple[ModelCaller, CallCosts]:
        """Return what the step calls; only those that ask a model have to know which."""
        if self._models is None or grant.task.kind != "llm":
            return self._model, self._costs
        in_use = await self._models.of(grant.workspace_id, grant.task.model)
        return in_use.caller, in_use.costs

    def _context(
        self,
        ref: StepRef,
        grant: Grant,
        stop: StopSignal,
        *,
        model: tuple[ModelCaller, CallCosts],
        is_plain: bool,
    ) -> StepContext:
        journal = self._calls_of(is_plain=is_plain)
        calls = JournaledCalls(journal, ref, stop)
        return StepContext(
            ref=ref,
            workspace_id=grant.workspace_id,
            workflow_id=grant.workflow_id,
            stop=stop,
            journal=journal,
            calls=calls,
            model=JournaledModel(model[0], calls, model[1]),
            text=DeltaBatcher(_AfterMilestones(self._deltas, self._relay, ref.run_id), ref, stop),
            parts=self._parts,
        )

    def _calls_of(self, *, is_plain: bool) -> AttemptJournal:
        if is_plain:
            return BufferedCallJournal(self._journal, relay=self._relay, clock=self._clock)
        return StoredCallJournal(self._guard)


@cache
def step_module(kind: str) -> StepModule:
    """Return the module that carries out a kind; its file is named like the kind."""
    return cast(StepModule, import_module(f"orchestrator.steps.{kind}"))


def _repeats_freely(task: StepTask) -> bool:
    """Whether a call that nobody has written down yet may be made again; a tool says that itself."""
    return task.effect == "none" and task.kind != "tool"


class _AfterMilestones:
    """A `DeltaWriter` that lets a run's milestones go first; the call itself does not wait for them."""

    def __init__(self, deltas: DeltaWriter, relay: Relay, run_id: str) -> None:
        self._deltas = deltas
        self._relay = relay
        self._run_id = run_id

    async def append_deltas(
        self, stream: str, step: str, exec: int, bodies: Sequence[str], *, turn: int = 0
    ) -> int | None:
        """See `DeltaWriter.append_deltas`."""
        await self._relay.settled(self._run_id)
        return await self._deltas.append_deltas(stream, step, exec, bodies, turn=turn)
