"""Starts, ends and cancels the runs that `workflow` steps ask for; each work may be done twice."""

from dataclasses import dataclass

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor, Run, RunCommand, StepError
from flowloom_language.large_values import bases_in
from flowloom_servicekit.clock import Clock
from orchestrator.domain import child_runs
from orchestrator.domain.errors import RunFinishedError, RunNotFoundError
from orchestrator.domain.records import OutboxItem, OutboxKind, RunRecord
from orchestrator.ports.runs import RunStore
from orchestrator.ports.workflows import WorkflowDocuments
from orchestrator.usecases.control_runs import Controls, cancel_run
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.jitter import jitter
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.runs_below import RunsBelow, hashed


@dataclass(frozen=True)
class ChildRuns:
    """One per process; `attach` has the relay call it."""

    runs: RunStore
    gate: RunGate
    relay: OutboxRelay
    forks: Forks
    controls: Controls
    documents: WorkflowDocuments
    clock: Clock

    def attach(self) -> None:
        """Do what commits ask for."""
        self.relay.also(OutboxKind.CHILD_START, self.start)
        self.relay.also(OutboxKind.CHILD_END, self.end)
        self.relay.also(OutboxKind.CHILD_CANCEL, self.cancel)

    async def start(self, run_id: str, item: OutboxItem) -> None:
        """Start the run that an attempt of a step asks for, unless nobody wants it any more."""
        path, attempt = str(item.payload["step"]), int(str(item.payload["attempt"]))
        record = await self.runs.load(run_id)
        if record is None or not child_runs.is_wanted(record, path, attempt):
            return
        outcome = await self._started(record, item.payload)
        now = self.clock.now()
        if isinstance(outcome, StepError):
            await self.gate.change(
                run_id,
                lambda known: child_runs.refused(
                    known, path, attempt, error=outcome, now=now, jitter=jitter()
                ),
            )
            return
        is_noted = await self.gate.change(
            run_id,
            lambda known: child_runs.started(known, path, attempt, run_id=outcome.id, now=now),
            stale=lambda _: True,
        )
        if not is_noted:
            await self._cancel(record.workspace_id, outcome.id, "The step that asked for it was stopped.")

    async def _started(self, record: RunRecord, asked: JsonObject) -> Run | StepError:
        below = RunsBelow(self.runs, self.gate, self.relay, self.forks, self.documents, self.clock)
        return await below.start(record, asked, key=_key(record.id, asked))

    async def end(self, run_id: str, _item: OutboxItem | None = None) -> None:
        """Tell the step that waits for a run that it has ended."""
        child = await self.runs.load(run_id)
        parent = child.origin.parent if child is not None else None
        if child is None or parent is None:
            return
        await self.forks.values.adopt(parent.run_id, child.id, bases_in(child.state.outputs))
        try:
            await self.gate.change(
                parent.run_id,
                lambda record: child_runs.ended(record, child, now=self.clock.now()),
                stale=lambda _: True,
            )
        except RunNotFoundError:
            return  # it was removed with its time

    async def cancel(self, run_id: str, item: OutboxItem) -> None:
        """Cancel a run whose step was stopped."""
        record = await self.runs.load(str(item.payload["run_id"]))
        if record is not None:
            await self._cancel(record.workspace_id, record.id, f"Run {run_id} was stopped.")

    async def close(self, workspace_id: str, run_id: str) -> None:
        """Cancel a run whose parent is over."""
        await self._cancel(workspace_id, run_id, "The run that asked for it is over.")

    async def _cancel(self, workspace_id: str, run_id: str, reason: str) -> None:
        command = RunCommand(actor=Actor(workspace_id=workspace_id), run_id=run_id, reason=reason)
        try:
            await cancel_run(command, controls=self.controls)
        except (RunFinishedError, RunNotFoundError):
            return  # it was quicker


def _key(run_id: str, asked: JsonObject) -> str:
    step, attempt = asked["step"], asked["attempt"]
    return f"child:{hashed(f'{run_id}:{step}:{attempt}')}"
