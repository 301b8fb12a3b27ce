"""Which document a run starts with: a version, frozen for ever, or the draft as it is now."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.runs import Actor, Run, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit.errors import NotFoundError
from gateway.domain.json_values import canonical
from gateway.ports import Draft, Runs, StoredWorkflow
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.workflows import validated_source
from gateway.version_ports import StoredVersion, VersionStore


class VersionNotFoundError(NotFoundError):
    """The workflow has no such published version."""

    title = "Version not found"


@dataclass(frozen=True, slots=True)
class FrozenDocument:
    """What a run carries out, whatever happens to the workflow meanwhile."""

    version: int | Literal["draft"]
    source: str
    agents: Mapping[str, AgentDefinition]
    """Those of the workspace that it may name, as they are now."""


async def frozen_document(
    stored: StoredWorkflow,
    wanted: int | Literal["draft"] | None,
    *,
    workspace_id: str,
    versions: VersionStore,
    agents: AgentBook,
) -> FrozenDocument:
    """Return the version asked for; without one the published version, else the draft."""
    version = wanted or stored.published_version or "draft"
    if version == "draft":
        await _check_draft(stored.draft, workspace_id, agents)
        source = stored.draft.source
    else:
        found = await find_version(stored.id, version, workspace_id=workspace_id, versions=versions)
        source = found.source
    return FrozenDocument(version, source, await agents.named_in(source, workspace_id))


async def _check_draft(draft: Draft, workspace_id: str, agents: AgentBook) -> None:
    """Raise InvalidWorkflowError; an agent that was missing when the draft was saved may be there now."""
    if draft.is_valid:
        return
    if not any(problem.code is ProblemCode.UNKNOWN_AGENT for problem in draft.problems):
        raise InvalidWorkflowError(draft.problems)
    judged = await validated_source(draft.source, await agents.catalog(workspace_id))
    if judged.workflow is None:
        raise InvalidWorkflowError(judged.problems)


async def find_version(
    workflow_id: str, version: int, *, workspace_id: str, versions: VersionStore
) -> StoredVersion:
    """Return a version of a workflow; raise VersionNotFoundError if there is none."""
    # Version numbers are integers of the database; larger ones would not be understood by it.
    found = await versions.get(workspace_id, workflow_id, version) if 0 < version < 2**31 else None
    if found is None:
        raise VersionNotFoundError(f"There is no version {version}.")
    return found


async def start_triggered(
    workflow: WorkflowRef,
    document: FrozenDocument,
    inputs: JsonObject,
    *,
    workspace_id: str,
    key: str,
    trigger: JsonValue,
    runs: Runs,
) -> Run:
    """Start the run that something outside asks for.

    The key alone says which run it is: an attempt after another publication must find the run of the first.
    """
    canonical(inputs, "inputs")
    return await runs.start(
        StartRun(
            actor=Actor(workspace_id=workspace_id),
            workflow=workflow,
            version=document.version,
            source=document.source,
            agents=dict(document.agents),
            inputs=inputs,
            idempotency_key=key,
            request_hash=hashlib.sha256(b"trigger\n" + key.encode()).hexdigest(),
            trigger=trigger,
        )
    )
