"""The orchestrator put together in one process, over stores of the test's choice and without sidecars."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from flowloom_contracts.agents import (
    ClaimStep,
    CompleteStep,
    RunStepInput,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunEventList
from flowloom_contracts.runs import (
    Actor,
    Run,
    RunCommand,
    RunEventsQuery,
    RunQuery,
    RunSnapshot,
    RunStatus,
    StartRun,
    StepError,
    StepRun,
    Usage,
    WorkflowRef,
)
from flowloom_modelkit.ports import ModelCaller
from flowloom_modelkit.testing.model import ScriptedModel
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.testing.bus import InMemoryEventBus
from flowloom_servicekit.testing.engine import FakeEngine
from flowloom_servicekit.testing.streams import InMemoryStreams
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.domain.records import Worker
from orchestrator.local_steps import LocalSteps
from orchestrator.ports import (
    ArchiveStore,
    JournalStore,
    OutboxStore,
    ReaperStore,
    RunStore,
    RunViews,
    Streams,
)
from orchestrator.testing.in_memory_stores import InMemoryStores
from orchestrator.usecases import read_runs
from orchestrator.usecases.advance_run import Advance
from orchestrator.usecases.cancel_run import cancel_run
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.reap import reap
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.run_local_step import run_local_step
from orchestrator.usecases.start_run import start_run
from orchestrator.usecases.stops import StopRegistry
from orchestrator.usecases.work_on_steps import claim_step, complete_step

ACTOR = Actor(workspace_id="ws-1")


class FakeChannel:
    """A control channel that remembers."""

    def __init__(self) -> None:
        self.cancelled: list[str] = []

    async def publish_cancel(self, run_id: str) -> None:
        """Remember the cancel."""
        self.cancelled.append(run_id)


@dataclass(frozen=True)
class Stores:
    """The stores that a world stands on."""

    runs: RunStore
    views: RunViews
    journal: JournalStore
    outbox: OutboxStore
    archive: ArchiveStore
    reaper: ReaperStore

    @classmethod
    def in_memory(cls, stores: InMemoryStores | None = None) -> "Stores":
        """Return stores without a database."""
        one = stores or InMemoryStores()
        return cls(runs=one, views=one, journal=one, outbox=one, archive=one, reaper=one)


class World:
    """A process of the orchestrator: give two of them the same stores for two processes."""

    def __init__(
        self,
        stores: Stores | None = None,
        *,
        model: ModelCaller | None = None,
        streams: Streams | None = None,
        clock: Clock | None = None,
        boot_id: str = "boot-1",
    ) -> None:
        self.stores = stores or Stores.in_memory()
        self.model = model or ScriptedModel("ok")
        self.streams: Streams = streams or InMemoryStreams()
        self.clock = clock or SystemClock()
        self.engine, self.bus, self.channel = FakeEngine(), InMemoryEventBus(), FakeChannel()
        self.stops = StopRegistry()
        self.worker = Worker("orchestrator", boot_id)
        self.relay = OutboxRelay(
            outbox=self.stores.outbox,
            streams=self.streams,
            archive=self.stores.archive,
            engine=self.engine,
            bus=self.bus,
            clock=self.clock,
        )
        self.gate = RunGate(self.stores.runs, self.relay)
        self.runner = LocalSteps(
            model=self.model,
            journal=self.stores.journal,
            runs=self.stores.runs,
            deltas=self.streams,
            relay=self.relay,
            stops=self.stops,
            clock=self.clock,
        )
        self._advance = Advance(gate=self.gate, runner=self.runner, worker=self.worker, clock=self.clock)
        self.history = History(
            views=self.stores.views, streams=self.streams, archive=self.stores.archive, keeper=self.relay
        )

    async def start(self, source: str, *, inputs: JsonObject | None = None, key: str | None = None) -> Run:
        """Start a run of a document."""
        request = StartRun(
            actor=ACTOR,
            workflow=WorkflowRef(id="wf-1", name="test"),
            version="draft",
            source=source,
            inputs=inputs or {},
            idempotency_key=key,
            request_hash=str(hash((source, str(inputs)))),
        )
        return await start_run(
            request, runs=self.stores.runs, gate=self.gate, relay=self.relay, clock=self.clock
        )

    async def stored(self, run_id: str) -> Run:
        """Return a run by its id."""
        return await read_runs.get_run(RunQuery(actor=ACTOR, run_id=run_id), views=self.stores.views)

    async def advance(self, run: Run) -> AdvanceAnswer:
        """Call the activity `advance`."""
        return await self._advance.run(run.id)

    async def run_local_step(self, run: Run, step: str, attempt: int = 1) -> str:
        """Call the activity `run_step`; return its status."""
        outcome = await run_local_step(
            RunStepInput(run_id=run.id, step=step, attempt=attempt),
            gate=self.gate,
            runner=self.runner,
            worker=self.worker,
            clock=self.clock,
        )
        return outcome.status

    async def claim(
        self, run: Run, step: str, *, attempt: int = 1, worker: str = "agent-qa", boot: str = "a"
    ) -> StepClaim:
        """Claim a step as an agent does."""
        request = ClaimStep(run_id=run.id, step=step, attempt=attempt, worker=worker, boot_id=boot)
        return await claim_step(request, gate=self.gate, clock=self.clock)

    async def complete(
        self,
        run: Run,
        step: str,
        exec: int | None,
        *,
        text: str | None = None,
        error: StepError | None = None,
        reasks: int = 0,
        tokens: int = 0,
        check_only: bool = False,
    ) -> StepCompletion:
        """Complete a step as an agent does."""
        request = CompleteStep(
            run_id=run.id,
            step=step,
            exec=exec or 0,
            status="failed" if error else "succeeded",
            text=text,
            error=error,
            reasks=reasks,
            usage=Usage(tokens=tokens),
            check_only=check_only,
        )
        return await complete_step(request, gate=self.gate, clock=self.clock)

    async def cancel(self, run: Run) -> Run:
        """Cancel a run."""
        return await cancel_run(
            RunCommand(actor=ACTOR, run_id=run.id, reason="enough"),
            views=self.stores.views,
            gate=self.gate,
            stops=self.stops,
            channel=self.channel,
            clock=self.clock,
        )

    async def reap(self) -> None:
        """Let the reaper take one turn."""
        await reap(store=self.stores.reaper, gate=self.gate, clock=self.clock)

    async def get(self, run: Run) -> Run:
        """Read a run."""
        return await read_runs.get_run(RunQuery(actor=ACTOR, run_id=run.id), views=self.stores.views)

    async def step(self, run: Run, path: str) -> StepRun:
        """Read a step."""
        query = RunQuery(actor=ACTOR, run_id=run.id)
        steps = await read_runs.list_steps(query, views=self.stores.views)
        return next(step for step in steps.items if step.path == path)

    async def status(self, run: Run) -> RunStatus:
        """Read a run's status."""
        return (await self.get(run)).status

    async def events(self, run: Run, after: str = "0", limit: int = 500) -> RunEventList:
        """Read a page of a run's events, once everything committed is in the stream."""
        await self.relay.settled(run.id)
        return await self.history.events(RunEventsQuery(actor=ACTOR, run_id=run.id, after=after, limit=limit))

    async def snapshot(self, run: Run) -> RunSnapshot:
        """Take a snapshot."""
        return await self.history.snapshot(RunQuery(actor=ACTOR, run_id=run.id))

    async def stop(self) -> None:
        """End the process."""
        await self.relay.stop()


@asynccontextmanager
async def a_world(stores: Stores | None = None, **parts: object) -> AsyncIterator[World]:
    """Give a world and stop it at the end."""
    world = World(stores, **parts)  # type: ignore[arg-type]  # the parts of World, by name
    try:
        yield world
    finally:
        await world.stop()
        await asyncio.sleep(0)


def workflow(*steps: str, rest: str = "") -> str:
    """Return a document with these steps, each one line of YAML."""
    lines = "\n".join(f"  {step}" for step in steps)
    return f"apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {{name: test}}\n{rest}\nsteps:\n{lines}\n"
