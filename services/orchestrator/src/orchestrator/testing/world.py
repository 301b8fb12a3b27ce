"""A process of the orchestrator as tests use it: give two of them the same stores for two processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flowloom_contracts.agents import (
    ClaimStep,
    CompleteStep,
    RunStepInput,
    StepClaim,
    StepCompletion,
)
from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunEventList
from flowloom_contracts.forks import ForkAnswer, ForkBody, ForkRun
from flowloom_contracts.runs import (
    Actor,
    Run,
    RunCommand,
    RunEventsQuery,
    RunQuery,
    RunSnapshot,
    RunStatus,
    StepError,
    StepRun,
    StepsQuery,
    Usage,
    WorkflowRef,
)
from flowloom_contracts.starts import StartRun
from orchestrator.domain.driving import AdvanceAnswer
from orchestrator.testing.outside import FakeDocuments
from orchestrator.testing.process import AssembledProcess
from orchestrator.testing.stores import Stores
from orchestrator.usecases import control_runs, read_runs
from orchestrator.usecases.call_mcp import AgentCalls
from orchestrator.usecases.fork_run import fork_run
from orchestrator.usecases.reap import reap
from orchestrator.usecases.run_local_step import run_local_step
from orchestrator.usecases.runs_below import RunsBelow
from orchestrator.usecases.start_run import start_run
from orchestrator.usecases.work_on_steps import claim_step, complete_step
from orchestrator.usecases.workflow_tools import WorkflowTools

__all__ = ["ACTOR", "FakeDocuments", "Stores", "World", "a_world", "workflow"]

ACTOR = Actor(workspace_id="ws-1")


class World(AssembledProcess):
    """What the engine, agents and people ask of a process."""

    async def start(
        self, source: str, *, inputs: JsonObject | None = None, key: str | None = None, **more: object
    ) -> Run:
        """Start a run of a document; `more` are other fields of `StartRun`."""
        request = StartRun(
            actor=ACTOR,
            workflow=WorkflowRef(id="wf-1", name="test"),
            version="draft",
            source=source,
            inputs=inputs or {},
            idempotency_key=key,
            request_hash=str(hash((source, str(inputs)))),
        ).model_copy(update=more)
        return await start_run(
            request,
            starting=self.forks,
            runs=self.ruled,
            gate=self.gate,
            relay=self.relay,
            clock=self.clock,
        )

    def agent_calls(self) -> AgentCalls:
        """Return what agents call the tools of their steps by."""
        below = RunsBelow(self.ruled, self.gate, self.relay, self.forks, self.documents, self.clock)
        tools = WorkflowTools(below)
        return AgentCalls(self.parts.mcp, self.gate, self.stores.runs, self.stops, tools)

    async def stored(self, run_id: str) -> Run:
        """Return a run by its id."""
        return await read_runs.get_run(RunQuery(actor=ACTOR, run_id=run_id), views=self.stores.views)

    async def advance(self, run: Run) -> AdvanceAnswer:
        """Call the activity `advance`."""
        return await self.advance_by_id(run.id)

    async def advance_by_id(self, run_id: str) -> AdvanceAnswer:
        """Call the activity `advance` for an id."""
        return await self.advancing.run(run_id)

    async def advance_as(self, run: Run, *, generation: int) -> AdvanceAnswer:
        """Call the activity `advance` as a driver of some generation."""
        return await self.advancing.run(run.id, generation)

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
        text_lost: bool = False,
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
            text_lost=text_lost,
        )
        return await complete_step(request, gate=self.gate, clock=self.clock)

    async def cancel(self, run: Run) -> Run:
        """Cancel a run."""
        return await control_runs.cancel_run(self.command(run, "enough"), controls=self.controls)

    async def kill(self, run: Run) -> Run:
        """End a run at once."""
        return await control_runs.kill_run(self.command(run, "enough"), controls=self.controls)

    async def pause(self, run: Run) -> Run:
        """Pause a run."""
        return await control_runs.pause_run(self.command(run, "lunch"), controls=self.controls)

    async def resume(self, run: Run) -> Run:
        """Let a run go on."""
        return await control_runs.resume_run(self.command(run), controls=self.controls)

    async def retry(self, run: Run) -> Run:
        """Retry a run."""
        return await control_runs.retry_run(self.command(run), controls=self.controls)

    async def fork(self, run: Run, body: ForkBody) -> ForkAnswer:
        """Fork a run."""
        return await fork_run(
            ForkRun(actor=ACTOR, run_id=run.id, body=body),
            forks=self.forks,
            runs=self.stores.runs,
            gate=self.gate,
            relay=self.relay,
            clock=self.clock,
        )

    def command(self, run: Run, reason: str | None = None) -> RunCommand:
        """Return a command on a run."""
        return RunCommand(actor=ACTOR, run_id=run.id, reason=reason)

    async def reap(self) -> None:
        """Let the reaper take one turn."""
        await reap(store=self.stores.reaper, gate=self.gate, clock=self.clock)

    async def get(self, run: Run) -> Run:
        """Read a run."""
        return await read_runs.get_run(RunQuery(actor=ACTOR, run_id=run.id), views=self.stores.views)

    async def step(self, run: Run, path: str) -> StepRun:
        """Read a step."""
        query = StepsQuery(actor=ACTOR, run_id=run.id, limit=1_000)
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
        return RunSnapshot.model_validate_json(
            await self.history.snapshot(RunQuery(actor=ACTOR, run_id=run.id))
        )

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
