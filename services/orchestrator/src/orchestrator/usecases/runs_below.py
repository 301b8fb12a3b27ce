"""Starts the run of a workflow for a step of another run, with the rights of whoever started that."""

import hashlib
import json
from dataclasses import dataclass

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor, Run, StepError, StepRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.clock import Clock
from orchestrator.domain import child_runs
from orchestrator.domain.admission import ConcurrencyLimitError, TooManyQueuedError, WaitsForItselfError
from orchestrator.domain.errors import InvalidDocumentError, InvalidInputsError
from orchestrator.domain.records import RunRecord
from orchestrator.domain.sight import under
from orchestrator.ports.runs import RunStore
from orchestrator.ports.workflows import WorkflowDocuments
from orchestrator.usecases.fork_run import Forks
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.rule_starts import DeniedByRuleError
from orchestrator.usecases.start_run import start_run


@dataclass(frozen=True)
class RunsBelow:
    """One per process."""

    runs: RunStore
    gate: RunGate
    relay: Relay
    forks: Forks
    documents: WorkflowDocuments
    clock: Clock

    async def start(self, record: RunRecord, asked: JsonObject, *, key: str) -> Run | StepError:
        """Return the run that a step asks for, or why there is none; the same key gives the same run.

        `asked` has `step`, `workflow`, `version`, `inputs` and `mode`.
        """
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
            idempotency_key=key,
            request_hash=hashed(json.dumps(asked, sort_keys=True)),
            priority=record.priority,
            parent=StepRef(run_id=record.id, step=str(asked["step"])),
            detached=asked["mode"] == "detach",
            depth=record.origin.depth + 1,
            is_private=record.origin.is_private,
            under=under(record),
        )
        return await self._started(request, name)

    async def _started(self, request: StartRun, name: str) -> Run | StepError:
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


def hashed(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()
