"""Starts, ends and cancels the runs that `workflow` steps ask for; each work may be done twice."""

import hashlib
import json
from dataclasses import dataclass

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor, Run, RunCommand, StepError, StepRef
from flowloom_contracts.starts import StartRun
from flowloom_language.large_values import bases_in
from flowloom_servicekit.clock import Clock
from orchestrator.domain import child_runs
from orchestrator.domain.admission import ConcurrencyLimitError, TooManyQueuedError, WaitsForItselfError
from orchestrator.domain.errors import (
    InvalidDocumentError,
    InvalidInputsError,
    RunFinishedError,
    RunNotFoundError,
)
from orchestrator.domain.records import OutboxItem, OutboxKind, RunRecord
from orchestrator.domain.sight import under
from orchestrator.ports.runs import RunStore
from orchestrator.ports.workflows import WorkflowDocuments
from orchestrator.usecases.control_runs import Controls, cancel_run
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.jitter import jitter
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.rule_starts import DeniedByRuleError
from orchestrator.usecases.start_run import start_run


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
        if record.origin.depth + 1 >= child_runs.MAX_DEPTH:
            message = f"Runs that start runs stand at most {child_runs.MAX_DEPTH} deep."
            return StepError(code="invalid_input", message=message)
        actor = record.origin.actor or Actor(workspace_id=record.workspace_id)
        name, version = str(asked["workflow"]), asked["version"]
        found = await self.documents.resolve(actor, name, version if isinstance(version, int) else None)
        if isinstance(found, str):
            return StepError(code="invalid_input", message=f"Workflow {name!r}: {found}")
        inputs = asked["inputs"] if isinstance(asked["inputs"], dict) else {}
        request = StartRun(
            actor=actor,
            workflow=found.workflow,
            version=found.version,
            source=found.source,
            agents=found.agents,
            inputs=inputs,
            idempotency_key=_key(record.id, asked),
            request_hash=_hash(json.dumps(asked, sort_keys=True)),
            priority=record.priority,
            parent=StepRef(run_id=record.id, step=str(asked["step"])),
            detached=asked["mode"] == "detach",
            depth=record.origin.depth + 1,
            is_private=record.origin.is_private,
            under=under(record),
        )
        try:
            return await start_run(
                request,
                starting=self.forks,
                runs=self.runs,
                gate=self.gate,
                relay=self.relay,
                clock=self.clock,
            )
        except (InvalidDocumentError, InvalidInputsError, WaitsForItselfError) as error:
            return StepError(code="invalid_input", message=f"Workflow {name!r}: {error.detail}")
        except DeniedByRuleError as error:
            return StepError(code="denied", message=f"Workflow {name!r}: {error.detail}")
        except (ConcurrencyLimitError, TooManyQueuedError) as error:
            return StepError(code="rate_limit", message=f"Workflow {name!r}: {error.detail}")

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
    return f"child:{_hash(f'{run_id}:{step}:{attempt}')}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
