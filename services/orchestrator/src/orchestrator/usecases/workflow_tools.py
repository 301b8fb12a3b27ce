"""Workflows as tools of agents: what a model is told of one, and the run that its call starts."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.mcp import CallMcpTool, McpCalled, McpToolCard
from flowloom_contracts.runs import Actor, StepError
from flowloom_contracts.workflow_tools import started_by
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from orchestrator.domain.mcp import McpCallError
from orchestrator.domain.records import RunRecord
from orchestrator.usecases.runs_below import RunsBelow, hashed

SECONDS: Final = 30
NO_INPUTS: Final[JsonObject] = {"type": "object", "properties": {}}


@dataclass(frozen=True)
class WorkflowTools:
    """Starts runs that go on by themselves: the step that asked does not wait for them."""

    below: RunsBelow

    async def describe(self, record: RunRecord, name: str) -> McpToolCard:
        """Return what a model is told; raises McpCallError where whoever started the run may not run it."""
        workflow = _named(name)
        actor = record.origin.actor or Actor(workspace_id=record.workspace_id)
        found = await self.below.documents.resolve(actor, workflow, None)
        if isinstance(found, str):
            raise McpCallError("denied", f"Workflow {workflow!r}: {found}")
        document = validate_document(found.source, THIS_BUILD).workflow
        about = "" if document is None else document.metadata.description or document.metadata.title or ""
        return McpToolCard(
            name=name,
            effect="idempotent",
            description=f"Start a run of the workflow {workflow!r} and return its id; people are asked."
            f" {about}".rstrip(),
            input_schema=NO_INPUTS if document is None or document.inputs is None else document.inputs,
            timeout_s=SECONDS,
        )

    async def call(self, record: RunRecord, request: CallMcpTool) -> McpCalled:
        """Start the run; the same effect key finds the run that is there."""
        asked: JsonObject = {
            "step": request.step,
            "workflow": _named(request.name),
            "version": None,
            "inputs": request.arguments,
            "mode": "detach",
        }
        key = f"tool:{hashed(f'{request.run_id}:{request.effect_key}')}"
        run = await self.below.start(record, asked, key=key)
        if isinstance(run, StepError):
            return McpCalled(outcome="failed", code=run.code, message=run.message)
        return McpCalled(outcome="done", result={"run_id": run.id, "workflow": run.workflow.name})


def _named(tool: str) -> str:
    workflow = started_by(tool)
    if workflow is None:
        raise McpCallError("invalid_input", f"{tool[:80]!r} names no workflow: write workflow/<name>.")
    return workflow
