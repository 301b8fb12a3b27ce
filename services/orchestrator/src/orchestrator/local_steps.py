"""Runs steps in this process: lease, heartbeat, deadline and stop around the kind's own work."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from flowloom_contracts.agents import HEARTBEAT_SECONDS, LEASE_SECONDS
from flowloom_modelkit.deltas import DeltaBatcher, DeltaWriter
from flowloom_modelkit.journal import JournaledCalls, JournaledModel, StepRef
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UpstreamError
from orchestrator.attempt_journal import BufferedCallJournal, StoredCallJournal
from orchestrator.execution import Finish, Grant, StepPlace
from orchestrator.ports import JournalStore, RunStore
from orchestrator.steps import llm
from orchestrator.usecases.gate import Relay
from orchestrator.usecases.stops import StopRegistry


class LocalSteps:
    """See `StepRunner`; `llm` is the one slow kind of this build."""

    def __init__(
        self,
        *,
        model: ModelCaller,
        journal: JournalStore,
        runs: RunStore,
        deltas: DeltaWriter,
        relay: Relay,
        stops: StopRegistry,
        clock: Clock,
    ) -> None:
        self._model = model
        self._journal = journal
        self._runs = runs
        self._deltas = deltas
        self._relay = relay
        self._stops = stops
        self._clock = clock

    async def run(self, place: StepPlace, grant: Grant, *, finish: Finish, is_first: bool) -> None:
        """See `StepRunner.run`."""
        ref = StepRef(place.run_id, place.step, place.attempt, grant.exec)
        with self._stops.watching(place.run_id) as stop:
            async with self._alive(ref, grant, stop):
                await llm.run(grant.task, self._context(ref, stop, is_first=is_first), finish=finish)

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

    def _context(self, ref: StepRef, stop: StopSignal, *, is_first: bool) -> llm.LlmContext:
        kind = BufferedCallJournal if is_first else StoredCallJournal
        journal = kind(self._journal, relay=self._relay, clock=self._clock)
        calls = JournaledCalls(journal, ref, stop)
        return llm.LlmContext(
            ref=ref,
            stop=stop,
            journal=journal,
            calls=calls,
            model=JournaledModel(self._model, calls),
            text=DeltaBatcher(_AfterMilestones(self._deltas, self._relay, ref.run_id), ref, stop),
        )


class _AfterMilestones:
    """A `DeltaWriter` that lets a run's milestones go first; the call itself does not wait for them."""

    def __init__(self, deltas: DeltaWriter, relay: Relay, run_id: str) -> None:
        self._deltas = deltas
        self._relay = relay
        self._run_id = run_id

    async def append_deltas(self, stream: str, step: str, exec: int, bodies: Sequence[str]) -> int | None:
        """See `DeltaWriter.append_deltas`."""
        await self._relay.settled(self._run_id)
        return await self._deltas.append_deltas(stream, step, exec, bodies)
