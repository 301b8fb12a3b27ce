"""Runs: started from stored documents, read, cancelled; the orchestrator owns them."""

import asyncio
import hashlib
from typing import Final, Literal

from flowloom_contracts.base import JsonObject, without_absent
from flowloom_contracts.document import DocumentProblem
from flowloom_contracts.events import RunEventList, run_stream
from flowloom_contracts.problem import FieldProblem, Problem
from flowloom_contracts.runs import (
    Run,
    RunEventsQuery,
    RunQuery,
    StartRun,
    StartRunBody,
    WorkflowRef,
)
from flowloom_servicekit.errors import DomainError, InvalidRequestError, NotFoundError
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.streams.cursor import START, Cursor
from gateway.domain.json_values import canonical
from gateway.domain.principals import Principal
from gateway.ports import Runs, RunStreams, StoredWorkflow, WorkflowStore
from gateway.usecases.workflows import find_workflow

MAX_KEY_CHARS: Final = 255


class RunNotFoundError(NotFoundError):
    """There is no such run in this workspace."""

    title = "Run not found"


class VersionNotFoundError(NotFoundError):
    """The workflow has no such published version."""

    title = "Version not found"


class InvalidWorkflowError(DomainError):
    """The document has problems, so it cannot run."""

    status = 422
    title = "The workflow has problems"

    def __init__(self, found: tuple[DocumentProblem, ...]) -> None:
        super().__init__("Mend them, then start it again.")
        self._found = found

    def problem(self) -> Problem:
        """Return the problem with those of the document."""
        rows: list[JsonObject] = [problem.model_dump(mode="json") for problem in self._found]
        return super().problem().model_copy(update={"problems": rows})


async def start_run(
    workflow_id: str,
    body: StartRunBody,
    principal: Principal,
    *,
    idempotency_key: str | None,
    workflows: WorkflowStore,
    runs: Runs,
) -> Run:
    """Hand a frozen document to the orchestrator; it answers once the run is committed."""
    _check_key(idempotency_key)
    given = canonical(body.model_dump(mode="json"), "inputs")
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    return await runs.start(
        StartRun(
            actor=principal.actor,
            workflow=WorkflowRef(id=stored.id, name=stored.draft.name),
            version=_runnable_version(stored, body),
            source=stored.draft.source,
            inputs=body.inputs,
            idempotency_key=idempotency_key,
            request_hash=hashlib.sha256(stored.id.encode() + b"\n" + given).hexdigest(),
        )
    )


async def wait_for_events(
    query: RunEventsQuery, *, wait_s: float, runs: Runs, streams: RunStreams
) -> RunEventList:
    """Return a page of history; if there is nothing yet, wait for the first event at most so long."""
    page = await runs.events(query)
    if page.items or wait_s <= 0:
        return page
    run = await runs.get(RunQuery(actor=query.actor, run_id=query.run_id))
    if not run.status.is_terminal:
        await _first_event(query, wait_s, streams)
    return await runs.events(query)


async def _first_event(query: RunEventsQuery, wait_s: float, streams: RunStreams) -> None:
    after = cursor_from(query.after)
    async with streams.subscribe(run_stream(query.run_id), after, expected=True) as subscription:
        try:
            async with asyncio.timeout(wait_s):
                await subscription.next()
        except TimeoutError:
            return


def cursor_from(text: str | None, field: str = "after") -> Cursor:
    """Return a cursor that a client sent, START for none; raise InvalidRequestError for anything else."""
    try:
        if text is None:
            return START
        # A pattern of digits takes those of every script; a cursor has ours only.
        return Cursor.parse(text.encode("ascii").decode())
    except ValueError as error:
        wrong = FieldProblem(path=field, code="invalid_cursor", message="Use `<epoch>:<seq>` or `0`.")
        raise InvalidRequestError(f"{field!r} is not a cursor.", errors=[wrong]) from error


def run_query(run_id: str, principal: Principal) -> RunQuery:
    """Return the question for one run; what cannot be an id is not found."""
    if not is_id(run_id):
        raise RunNotFoundError(f"No run {run_id[:80]!r} here.")
    return RunQuery(actor=principal.actor, run_id=run_id)


def _runnable_version(stored: StoredWorkflow, body: StartRunBody) -> Literal["draft"]:
    # Nothing is published yet, so the draft is all that can run.
    if isinstance(body.version, int):
        raise VersionNotFoundError(f"There is no version {body.version}.")
    if not stored.draft.is_valid:
        raise InvalidWorkflowError(stored.draft.problems)
    return "draft"


def _check_key(key: str | None) -> None:
    if key is not None and not (0 < len(key) <= MAX_KEY_CHARS and key.isascii() and key.isprintable()):
        wrong = FieldProblem(
            path="Idempotency-Key", code="invalid_value", message="Use 1 to 255 visible ASCII characters."
        )
        raise InvalidRequestError("The Idempotency-Key is not acceptable.", errors=[wrong])


def page_as_json(page: RunEventList) -> JsonObject:
    """Return a page of events as clients read it: fields that do not apply are absent from events."""
    return {"items": [without_absent(event) for event in page.items], "next_cursor": page.next_cursor}
