"""Workflow documents: validated, stored as drafts whatever they are, changed only by who has seen them."""

import asyncio
import re
from typing import Final

from flowloom_contracts.api import (
    SaveWorkflow,
    ValidateSource,
    Validation,
    WorkflowDocument,
    WorkflowList,
    WorkflowSummary,
)
from flowloom_contracts.base import JsonObject
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import ValidatedDocument, validate_document
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    ConflictError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from flowloom_servicekit.ids import new_id
from gateway.domain.etags import etag_of, matches
from gateway.domain.json_values import canonical
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.principals import Principal
from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowStore

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MAX_NAME_CHARS: Final = 63
"""What may name a workflow; a document that says something else is kept under the name it had."""


class WorkflowNotFoundError(NotFoundError):
    """There is no such workflow in this workspace."""

    title = "Workflow not found"


class WorkflowNameTakenError(ConflictError):
    """Another workflow of this workspace has the name."""

    title = "Another workflow has this name"


class StaleWorkflowError(PreconditionFailedError):
    """Somebody saved the workflow since it was read."""

    title = "The workflow has changed"


class IfMatchRequiredError(PreconditionRequiredError):
    """A save must say which state it replaces."""


async def create_workflow(
    request: SaveWorkflow, principal: Principal, *, workflows: WorkflowStore, clock: Clock
) -> WorkflowDocument:
    """Store a new draft; a document without a name of its own is `untitled-<id>`."""
    workflow_id = new_id()
    draft = _draft(
        request,
        await _validated(request.source),
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
    principal: Principal, *, cursor: str | None, limit: int, workflows: WorkflowStore
) -> WorkflowList:
    """Return a page of workflows, newest first."""
    rows = await workflows.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return WorkflowList(
        items=[
            WorkflowSummary(
                id=row.id,
                name=row.name,
                title=row.title,
                draft_valid=row.is_valid,
                published_version=row.published_version,
                updated_at=row.updated_at,
            )
            for row in rows[:limit]
        ],
        next_cursor=cursor_of(rows[limit - 1].id) if len(rows) > limit else None,
    )


async def read_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore
) -> WorkflowDocument:
    """Return a workflow with its draft."""
    return _document(await find_workflow(workflow_id, principal, workflows=workflows))


async def find_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore
) -> StoredWorkflow:
    """Return a stored workflow; raise WorkflowNotFoundError if it is not of this workspace."""
    stored = await workflows.get(principal.workspace_id, workflow_id)
    if stored is None:
        raise WorkflowNotFoundError(f"No workflow {workflow_id[:80]!r} here.")
    return stored


async def replace_workflow(
    workflow_id: str,
    request: SaveWorkflow,
    principal: Principal,
    *,
    if_match: str | None,
    workflows: WorkflowStore,
    clock: Clock,
) -> WorkflowDocument:
    """Store a draft over the one that was seen; what the request leaves out stays."""
    if if_match is None:
        raise IfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    _check_match(if_match, stored)
    draft = _draft(request, await _validated(request.source), fallback=stored.draft)
    saved = await workflows.replace(
        principal.workspace_id, workflow_id, draft, revision=stored.revision, now=clock.now()
    )
    return _document(_saved(saved, draft.name))


async def delete_workflow(
    workflow_id: str, principal: Principal, *, if_match: str | None, workflows: WorkflowStore
) -> None:
    """Delete a workflow; its runs stay."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    if if_match is not None:
        _check_match(if_match, stored)
    revision = None if if_match is None else stored.revision
    outcome = await workflows.delete(principal.workspace_id, workflow_id, revision=revision)
    if outcome != "deleted":
        raise _refusal(outcome, stored.draft.name)


async def validate_source(request: ValidateSource) -> Validation:
    """Return the problems of a document."""
    validated = await _validated(request.source)
    return Validation(problems=list(validated.problems))


async def _validated(source: str) -> ValidatedDocument:
    # A large document takes long to parse; on a thread it does not hold up the streams.
    return await asyncio.to_thread(validate_document, source, THIS_BUILD)


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
    )


def _title(validated: ValidatedDocument) -> str:
    title = validated.workflow.metadata.title if validated.workflow is not None else None
    return "".join(character if character.isprintable() else " " for character in title or "").strip()


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
        draft_valid=draft.is_valid,
        published_version=stored.published_version,
        updated_at=stored.updated_at,
        source=draft.source,
        layout=draft.layout,
        tests=draft.tests,
        etag=etag_of(stored.revision),
        problems=list(draft.problems),
    )
