"""Versions of a workflow: published, listed, compared, made the draft again."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from flowloom_contracts.api import (
    Publish,
    Published,
    Restore,
    SaveWorkflow,
    VersionDiff,
    VersionDocument,
    VersionList,
)
from flowloom_contracts.automation import ResolvedWorkflow, ResolveWorkflow, SyncSchedules
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import WorkflowRef
from flowloom_contracts.workflow import Workflow
from flowloom_language.catalog import Catalog
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.domain.rule_checks import denied
from gateway.domain.triggers import listened, schedules
from gateway.domain.version_diff import difference
from gateway.ports import StoredWorkflow, WorkflowStore
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.invalid_workflow import InvalidWorkflowError
from gateway.usecases.sharing import SharingBook
from gateway.usecases.starting import find_version, frozen_document
from gateway.usecases.workflows import (
    StaleWorkflowError,
    WorkflowNotFoundError,
    find_workflow,
    validated_source,
)
from gateway.vault_ports import RuleStore, SecretStore
from gateway.version_ports import Publication, VersionStore

ATTEMPTS: Final = 3
"""A draft that is saved while it is being published is looked at again."""


async def publish_workflow(
    workflow_id: str,
    body: Publish,
    principal: Principal,
    *,
    workflows: WorkflowStore,
    versions: VersionStore,
    rules: RuleStore,
    secrets: SecretStore,
    agents: AgentBook,
    clock: Clock,
) -> Published:
    """Freeze the draft as the next version and switch its triggers on; a draft with problems is refused."""
    for _ in range(ATTEMPTS):
        stored = await find_workflow(workflow_id, principal, workflows=workflows, least="edit")
        own = await agents.of(principal.workspace_id)
        catalog = replace(
            await agents.catalog(principal.workspace_id),
            workflows=await workflows.names(principal.workspace_id, without=_not_to_run(principal)),
            secrets=await secrets.names(principal.workspace_id),
        )
        workflow = await _publishable(stored, principal, catalog=catalog, agents=own, rules=rules)
        outcome = await versions.publish(
            _publication(stored, workflow, body, principal=principal, clock=clock)
        )
        if isinstance(outcome, int):
            return Published(version=outcome)
        if outcome == "missing":
            raise WorkflowNotFoundError("It was deleted meanwhile.")
    raise StaleWorkflowError("It is being saved by others; try again.")


def _not_to_run(principal: Principal) -> list[str]:
    """Return the workflows that somebody may not start, and so cannot have a step start."""
    return [one for one in principal.limits if not principal.reaches(one, "run")]


async def _publishable(
    stored: StoredWorkflow,
    principal: Principal,
    *,
    catalog: Catalog,
    agents: Mapping[str, AgentDefinition],
    rules: RuleStore,
) -> Workflow:
    validated = await validated_source(stored.draft.source, catalog)
    if validated.workflow is None:
        raise InvalidWorkflowError(validated.problems)
    known = await rules.get(principal.workspace_id)
    found: tuple[DocumentProblem, ...] = await asyncio.to_thread(
        denied,
        stored.draft.source,
        validated.workflow.model_copy(update={"agents": {**agents, **validated.workflow.agents}}),
        known.items,
        workflow_id=stored.id,
        version=(stored.published_version or 0) + 1,
    )
    if found:
        raise InvalidWorkflowError(found)
    return validated.workflow


def _publication(
    stored: StoredWorkflow, workflow: Workflow, body: Publish, *, principal: Principal, clock: Clock
) -> Publication:
    ref = WorkflowRef(id=stored.id, name=stored.draft.name)
    return Publication(
        workspace_id=principal.workspace_id,
        workflow_id=stored.id,
        revision=stored.revision,
        draft=stored.draft,
        document_hash=hashlib.sha256(stored.draft.source.encode()).hexdigest(),
        note=body.note,
        user_id=principal.user_id,
        email=principal.email,
        triggers=listened(workflow),
        schedules=SyncSchedules(
            actor=principal.actor, workflow=ref, version=1, schedules=schedules(workflow)
        ),
        now=clock.now(),
    )


async def list_versions(
    workflow_id: str,
    principal: Principal,
    *,
    cursor: str | None,
    limit: int,
    workflows: WorkflowStore,
    versions: VersionStore,
) -> VersionList:
    """Return a page of versions, newest first."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    rows = await versions.page(principal.workspace_id, stored.id, after=row_after(cursor), limit=limit + 1)
    return VersionList(
        items=[summary for _, summary in rows[:limit]],
        next_cursor=cursor_of(rows[limit - 1][0]) if len(rows) > limit else None,
    )


async def read_version(
    workflow_id: str, version: int, principal: Principal, *, workflows: WorkflowStore, versions: VersionStore
) -> VersionDocument:
    """Return a version with its document."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    found = await find_version(stored.id, version, workspace_id=principal.workspace_id, versions=versions)
    return VersionDocument(**found.summary.model_dump(), source=found.source, layout=found.layout)


async def compare_versions(
    workflow_id: str,
    principal: Principal,
    *,
    before: str,
    after: str,
    workflows: WorkflowStore,
    versions: VersionStore,
) -> VersionDiff:
    """Compare two versions, or a version and the draft."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    texts = [
        await _text(stored, _wanted(name, field), principal, versions=versions)
        for name, field in ((before, "before"), (after, "after"))
    ]
    found = await asyncio.to_thread(difference, texts[0], texts[1], names=(before, after))
    return VersionDiff(
        before=before,
        after=after,
        unified=found.unified,
        added=list(found.added),
        removed=list(found.removed),
        changed=list(found.changed),
    )


async def version_to_restore(
    workflow_id: str, body: Restore, principal: Principal, *, workflows: WorkflowStore, versions: VersionStore
) -> SaveWorkflow:
    """Return a version as a save of the draft; what is published stays so."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows, least="edit")
    found = await find_version(
        stored.id, body.version, workspace_id=principal.workspace_id, versions=versions
    )
    return SaveWorkflow(source=found.source, layout=found.layout, tests=found.tests)


async def resolve_workflow(
    request: ResolveWorkflow,
    *,
    workflows: WorkflowStore,
    versions: VersionStore,
    agents: AgentBook,
    book: SharingBook,
) -> ResolvedWorkflow:
    """Return the document behind `NAME[@VERSION]` in the workspace of the asking run.

    Who started the run must be allowed to start that workflow too. Nobody in person starts what a trigger
    starts: there the person who published the version was asked for it.
    """
    workspace_id = request.actor.workspace_id
    stored = await workflows.of_name(workspace_id, request.name)
    actor = await book.renewed(request.actor)
    if stored is None or not actor.reaches(stored.id, "run"):
        raise WorkflowNotFoundError(f"No workflow {request.name[:80]!r} here.")
    document = await frozen_document(
        stored, request.version, workspace_id=workspace_id, versions=versions, agents=agents
    )
    ref = WorkflowRef(id=stored.id, name=stored.draft.name)
    return ResolvedWorkflow(
        workflow=ref, version=document.version, source=document.source, agents=dict(document.agents)
    )


def _wanted(text: str, field: str) -> int | Literal["draft"]:
    if text == "draft":
        return "draft"
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    wrong = FieldProblem(path=field, code="invalid_value", message="Use a version's number or `draft`.")
    raise InvalidRequestError(f"{field!r} is not a version.", errors=[wrong])


async def _text(
    stored: StoredWorkflow, wanted: int | Literal["draft"], principal: Principal, *, versions: VersionStore
) -> str:
    if wanted == "draft":
        return stored.draft.source
    found = await find_version(stored.id, wanted, workspace_id=principal.workspace_id, versions=versions)
    return found.source
