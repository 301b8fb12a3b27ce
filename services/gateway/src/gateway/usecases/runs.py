"""Runs: started from stored documents, read, cancelled; the orchestrator owns them."""

import asyncio
import hashlib
from dataclasses import dataclass

from flowloom_contracts.base import JsonObject, without_absent
from flowloom_contracts.events import RunEventList, run_stream
from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.runs import Run, RunEventsQuery, RunQuery, StartRunBody, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_servicekit import tracing
from flowloom_servicekit.errors import InvalidRequestError, NotFoundError
from flowloom_servicekit.ids import is_id
from flowloom_servicekit.streams.cursor import START, Cursor
from gateway.domain.json_values import canonical
from gateway.domain.principals import Principal
from gateway.ports import Runs, RunStreams, WorkflowStore
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.idempotency import check_key
from gateway.usecases.starting import frozen_document
from gateway.usecases.workflows import find_workflow
from gateway.version_ports import VersionStore


class RunNotFoundError(NotFoundError):
    """There is no such run in this workspace."""

    title = "Run not found"


@dataclass(frozen=True, slots=True)
class Startable:
    """Where the document of a run comes from."""

    workflows: WorkflowStore
    versions: VersionStore
    agents: AgentBook


async def start_run(
    workflow_id: str,
    body: StartRunBody,
    principal: Principal,
    *,
    idempotency_key: str | None,
    stores: Startable,
    runs: Runs,
) -> Run:
    """Hand a frozen document to the orchestrator; it answers once the run is committed."""
    check_key(idempotency_key)
    given = canonical(body.model_dump(mode="json"), "inputs")
    stored = await find_workflow(workflow_id, principal, workflows=stores.workflows, least="run")
    document = await frozen_document(
        stored,
        body.version,
        workspace_id=principal.workspace_id,
        versions=stores.versions,
        agents=stores.agents,
    )
    if document.version == "draft":
        tracing.keep()  # who runs a draft looks for what is wrong with it
    return await runs.start(
        StartRun(
            actor=principal.actor,
            workflow=WorkflowRef(id=stored.id, name=stored.draft.name),
            version=document.version,
            source=document.source,
            agents=dict(document.agents),
            inputs=body.inputs,
            idempotency_key=idempotency_key,
            request_hash=hashlib.sha256(stored.id.encode() + b"\n" + given).hexdigest(),
            priority=body.priority,
            budget=body.budget,
            until_step=body.until_step,
            pins=body.pins,
            **{"from": body.from_},
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
        return START if text is None else Cursor.parse(text)
    except ValueError as error:
        wrong = FieldProblem(path=field, code="invalid_cursor", message="Use `<epoch>:<seq>` or `0`.")
        raise InvalidRequestError(f"{field!r} is not a cursor.", errors=[wrong]) from error


def run_query(run_id: str, principal: Principal) -> RunQuery:
    """Return the question for one run; what cannot be an id is not found."""
    if not is_id(run_id):
        raise RunNotFoundError(f"No run {run_id[:80]!r} here.")
    return RunQuery(actor=principal.actor, run_id=run_id)


def page_as_json(page: RunEventList) -> JsonObject:
    """Return a page of events as clients read it: fields that do not apply are absent from events."""
    return {"items": [without_absent(event) for event in page.items], "next_cursor": page.next_cursor}
