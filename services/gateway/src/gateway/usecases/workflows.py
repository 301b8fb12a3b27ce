"""Workflow documents: validated, stored as drafts whatever they are, changed only by who has seen them."""

import asyncio
import re
from typing import Final

from flowloom_contracts.api import (
    SaveWorkflow,
    ValidateSource,
    Validation,
    WorkflowDocument,
    WorkflowFilter,
    WorkflowList,
    WorkflowSummary,
)
from flowloom_contracts.automation import SyncSchedules
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Reach, WorkflowRef
from flowloom_contracts.workflow import Workflow
from flowloom_language.catalog import Catalog
from flowloom_language.document import ValidatedDocument, validate_document
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from flowloom_servicekit.ids import new_id
from gateway.domain.etags import etag_of, matches
from gateway.domain.json_values import canonical
from gateway.domain.paging import cursor_of, place_after
from gateway.domain.principals import Principal
from gateway.domain.texts import printable
from gateway.domain.workflow_order import checked_place, sort_key
from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowRow, WorkflowStore
from gateway.usecases.agent_book import AgentBook

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME_CHARS: Final = 63
"""What may name a workflow; a document that says something else is kept under the name it had."""


class WorkflowNotFoundError(NotFoundError):
    """There is no such workflow in this workspace."""

    title = "Workflow not found"


class WorkflowNotSharedError(ForbiddenError):
    """Somebody may see a workflow and its runs, and not do this with it."""

    title = "The workflow is not shared so far"


class WorkflowNameTakenError(ConflictError):
    """Another workflow of this workspace has the name."""

    title = "Another workflow has this name"


class StaleWorkflowError(PreconditionFailedError):
    """Somebody saved the workflow since it was read."""

    title = "The workflow has changed"


class IfMatchRequiredError(PreconditionRequiredError):
    """A save must say which state it replaces."""


async def create_workflow(
    request: SaveWorkflow,
    principal: Principal,
    *,
    workflows: WorkflowStore,
    agents: AgentBook,
    clock: Clock,
) -> WorkflowDocument:
    """Store a new draft; a document without a name of its own is `untitled-<id>`."""
    workflow_id = new_id()
    draft = _draft(
        request,
        await validated_source(request.source, await agents.catalog(principal.workspace_id)),
        fallback=Draft(
            name=f"untitled-{workflow_id}",
            title="",
            source="",
            layout={},
            tests="",
            problems=(),
            is_valid=False,
        ),
    )
    saved = await workflows.add(
        principal.workspace_id, workflow_id, draft, user_id=principal.user_id, now=clock.now()
    )
    return _document(_saved(saved, draft.name))


async def list_workflows(
    wanted: WorkflowFilter, principal: Principal, *, cursor: str | None, limit: int, workflows: WorkflowStore
) -> WorkflowList:
    """Return a page of the wanted workflows."""
    after = checked_place(wanted.order, place_after(cursor))
    rows = await workflows.page(
        principal.workspace_id, wanted, after=after, limit=limit + 1, closed=principal.actor.closed
    )
    more = len(rows) > limit
    return WorkflowList(
        items=[summary_of(row) for row in rows[:limit]],
        next_cursor=cursor_of(rows[limit - 1].id, sort_key(wanted.order, rows[limit - 1])) if more else None,
    )


def summary_of(row: WorkflowRow) -> WorkflowSummary:
    """Return a row of a list as people see it."""
    return WorkflowSummary(
        id=row.id,
        name=row.name,
        title=row.title,
        labels=dict(row.labels),
        draft_valid=row.is_valid,
        published_version=row.published_version,
        updated_at=row.updated_at,
    )


async def read_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore
) -> WorkflowDocument:
    """Return a workflow with its draft."""
    return _document(await find_workflow(workflow_id, principal, workflows=workflows))


async def find_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore, least: Reach = "view"
) -> StoredWorkflow:
    """Return a stored workflow that is shared so far with somebody.

    Raises WorkflowNotFoundError if they may not see it or it is not of this workspace, WorkflowNotSharedError
    if they may not go so far.
    """
    stored = await workflows.get(principal.workspace_id, workflow_id)
    if stored is None or not principal.reaches(stored.id, "view"):
        raise WorkflowNotFoundError(f"No workflow {workflow_id[:80]!r} here.")
    if not principal.reaches(stored.id, least):
        raise WorkflowNotSharedError(f"The workflow is not shared with you to {least}; ask who may edit it.")
    return stored


async def replace_workflow(
    workflow_id: str,
    request: SaveWorkflow,
    principal: Principal,
    *,
    if_match: str | None,
    workflows: WorkflowStore,
    agents: AgentBook,
    clock: Clock,
) -> WorkflowDocument:
    """Store a draft over the one that was seen; what the request leaves out stays."""
    if if_match is None:
        raise IfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    stored = await find_workflow(workflow_id, principal, workflows=workflows, least="edit")
    _check_match(if_match, stored)
    judged = await validated_source(request.source, await agents.catalog(principal.workspace_id))
    draft = _draft(request, judged, fallback=stored.draft)
    saved = await workflows.replace(
        principal.workspace_id, workflow_id, draft, revision=stored.revision, now=clock.now()
    )
    return _document(_saved(saved, draft.name))


async def delete_workflow(
    workflow_id: str,
    principal: Principal,
    *,
    if_match: str | None,
    workflows: WorkflowStore,
    clock: Clock,
) -> None:
    """Delete a workflow with its versions and triggers; its runs stay."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows, least="edit")
    if if_match is not None:
        _check_match(if_match, stored)
    revision = None if if_match is None else stored.revision
    told = None
    if stored.published_version is not None:
        ref = WorkflowRef(id=stored.id, name=stored.draft.name)
        told = SyncSchedules(actor=principal.actor, workflow=ref, version=stored.published_version)
    outcome = await workflows.delete(
        principal.workspace_id, workflow_id, revision=revision, told=told, now=clock.now()
    )
    if outcome != "deleted":
        raise _refusal(outcome, stored.draft.name)


async def validate_source(request: ValidateSource, principal: Principal, *, agents: AgentBook) -> Validation:
    """Return the problems of a document."""
    validated = await validated_source(request.source, await agents.catalog(principal.workspace_id))
    return Validation(problems=list(validated.problems))


async def validated_source(source: str, catalog: Catalog) -> ValidatedDocument:
    """Return what a document says, or its problems, by what a workspace has."""
    # A large document takes long to parse; on a thread it does not hold up the streams.
    return await asyncio.to_thread(validate_document, source, catalog)


def _draft(request: SaveWorkflow, validated: ValidatedDocument, *, fallback: Draft) -> Draft:
    said = validated.name or ""
    name = said if len(said) <= MAX_NAME_CHARS and NAME.fullmatch(said) else fallback.name
    layout: JsonObject = fallback.layout if request.layout is None else request.layout
    canonical(layout, "layout")
    return Draft(
        name=name,
        title=_title(validated) or name,
        source=request.source,
        layout=layout,
        tests=fallback.tests if request.tests is None else request.tests,
        problems=validated.problems,
        is_valid=validated.workflow is not None,
        labels=fallback.labels if validated.workflow is None else labels_of(validated.workflow),
    )


def labels_of(workflow: Workflow) -> dict[str, str]:
    """Return the labels of a document as lists can show and find them."""
    return {printable(name): printable(value) for name, value in workflow.metadata.labels.items()}


def _title(validated: ValidatedDocument) -> str:
    title = validated.workflow.metadata.title if validated.workflow is not None else None
    return printable(title or "").strip()


def _check_match(if_match: str, stored: StoredWorkflow) -> None:
    if not matches(if_match, etag_of(stored.revision)):
        raise StaleWorkflowError("Read it again and save over that.")


def _saved(outcome: StoredWorkflow | SaveOutcome, name: str) -> StoredWorkflow:
    if isinstance(outcome, StoredWorkflow):
        return outcome
    raise _refusal(outcome, name)


def _refusal(outcome: SaveOutcome, name: str) -> Exception:
    if outcome == "name_taken":
        return WorkflowNameTakenError(f"The name {name!r} is in use; change `metadata.name`.")
    if outcome == "stale":
        return StaleWorkflowError("Read it again and save over that.")
    return WorkflowNotFoundError("It was deleted meanwhile.")


def _document(stored: StoredWorkflow) -> WorkflowDocument:
    draft = stored.draft
    return WorkflowDocument(
        id=stored.id,
        name=draft.name,
        title=draft.title,
        labels=dict(draft.labels),
        draft_valid=draft.is_valid,
        published_version=stored.published_version,
        updated_at=stored.updated_at,
        source=draft.source,
        layout=draft.layout,
        tests=draft.tests,
        etag=etag_of(stored.revision),
        problems=list(draft.problems),
    )
