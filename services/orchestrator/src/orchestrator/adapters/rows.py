"""Turns stored rows into records and changes into parameters."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Row

from flowloom_contracts.approvals import Approval
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import WorkflowRef
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState, initial_steps
from flowloom_language.step_map import StepMap
from orchestrator.domain.draft import is_busy
from orchestrator.domain.records import (
    NOBODY,
    Committed,
    Execution,
    JournalEntry,
    NewEvent,
    OutboxItem,
    RunOrigin,
    RunRecord,
    StepChangeRow,
)


@dataclass(frozen=True)
class _Assigned:
    n0: int
    epoch: int
    outbox_ids: list[int]


Parameters = dict[str, object]
EXECUTION_COLUMNS = (
    "exec",
    "execs_of_attempt",
    "inline",
    "dispatch",
    "worker",
    "boot_id",
    "lease_until",
    "deadline_at",
    "queued_at",
    "generation",
)
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
_MOMENT: TypeAdapter[datetime] = TypeAdapter(datetime)
_OBJECT: TypeAdapter[JsonObject] = TypeAdapter(JsonObject)
_WORKED: TypeAdapter[dict[str, int]] = TypeAdapter(dict[str, int])
_APPROVALS: TypeAdapter[list[Approval]] = TypeAdapter(list[Approval])
_STEPS: TypeAdapter[list[JsonObject]] = TypeAdapter(list[JsonObject])
_EXECUTION = TypeAdapter(Execution)
_ORIGIN = TypeAdapter(RunOrigin)
_ASSIGNED = TypeAdapter(_Assigned)
TIMES = ("lease_until", "deadline_at", "queued_at")


def state_text(state: RunState) -> str:
    """Return the head of a state: without steps, which have rows, and inputs, which never change."""
    return _without_nul(state.head_json().decode())


def json_text(value: object) -> str:
    """Return a value as JSON that a `jsonb` column takes."""
    return _without_nul(orjson.dumps(value).decode())


def _without_nul(text: str) -> str:
    """Replace the one character that JSON can carry and Postgres cannot keep; models do write it."""
    return _NUL.sub(r"\1\\ufffd", text) if r"\u0000" in text else text


def events_text(events: tuple[NewEvent, ...]) -> str:
    """Return events as the JSON array that the statements unpack; `ord` counts from 1."""
    rows = [
        {
            "ord": position,
            "type": event.type,
            "at": event.at,
            "step": event.step,
            "fence": event.fence,
            "body": event.body,
        }
        for position, event in enumerate(events, start=1)
    ]
    return json_text(rows)


def outbox_text(items: tuple[OutboxItem, ...]) -> str:
    """Return outbox items as a JSON array."""
    rows = [
        {"ord": position, "kind": item.kind.value, "payload": item.payload}
        for position, item in enumerate(items)
    ]
    return json_text(rows)


def steps_text(steps: tuple[StepChangeRow, ...]) -> str:
    """Return changed steps as a JSON array."""
    return json_text([_step_row(step) for step in steps])


def _step_row(step: StepChangeRow) -> JsonObject:
    execution = {name: getattr(step.execution, name) for name in EXECUTION_COLUMNS}
    return {
        "path": step.state.path,
        "status": step.state.status.value,
        "attempt": step.state.attempt,
        "state": step.state.to_json(),
        "place": list(step.place),
        "live": step.is_live,
        **execution,
    }


def origin_text(origin: RunOrigin) -> str:
    """Return where a run comes from as JSON."""
    return _ORIGIN.dump_json(origin, exclude_none=True, exclude_defaults=True).decode()


def origin_of(value: object) -> RunOrigin:
    """Return where a run comes from, as it was stored."""
    return _ORIGIN.validate_python(value or {})


def journal_text(entries: tuple[JournalEntry, ...]) -> str:
    """Return journal entries as a JSON array."""
    rows = [
        {
            "step": entry.step,
            "attempt": entry.attempt,
            "call": entry.call,
            "branch": entry.branch,
            "exec": entry.exec,
            "name": entry.name,
            "effect": entry.effect,
            "request_hash": entry.request_hash,
            "response": entry.response,
            "usage": entry.usage.model_dump(),
            "duration_ms": entry.duration_ms,
        }
        for entry in entries
    ]
    return json_text(rows)


def run_record(row: Mapping[str, object], plan: Plan) -> RunRecord:
    """Return a run from its row, its steps' rows and its plan."""
    steps = _STEPS.validate_python(row["steps"])
    state, inputs = _OBJECT.validate_python(row["state"]), _OBJECT.validate_python(row["inputs"])
    changed = {str(item["path"]): StepState.from_json(item["state"]) for item in steps}
    head = RunState.from_json(state, inputs, [*initial_steps(plan, changed), *changed.values()])
    executions = {str(item["path"]): _execution(item) for item in steps}
    wake_at = row["wake_at"]
    return RunRecord(
        id=str(row["id"]),
        workspace_id=str(row["workspace_id"]),
        workflow=WorkflowRef(id=str(row["workflow_id"]), name=str(row["workflow_name"])),
        version="draft" if row["version"] is None else int(str(row["version"])),
        plan=plan,
        state=head,
        executions=StepMap({path: one for path, one in executions.items() if one != NOBODY}),
        created_at=_MOMENT.validate_python(row["created_at"]),
        revision=int(str(row["revision"])),
        driver=int(str(row["driver"])),
        epoch=int(str(row["epoch"])),
        generation=int(str(row["generation"])),
        wake_at=None if wake_at is None else _MOMENT.validate_python(wake_at),
        busy=tuple(path for path, step in changed.items() if is_busy(step)),
        priority=int(str(row["priority"])),
        origin=origin_of(row["origin"]),
        worked=_WORKED.validate_python(row["worked"]),
        approvals={item.step: item for item in _APPROVALS.validate_python(row["approvals"])},
    )


def _execution(item: JsonObject) -> Execution:
    times = {name: datetime.fromisoformat(str(item[name])) for name in TIMES if item[name] is not None}
    return _EXECUTION.validate_python({name: item[name] for name in EXECUTION_COLUMNS} | times)


def committed(
    run_id: str,
    row: Row[tuple[object, ...]] | Mapping[str, object],
    events: tuple[NewEvent, ...],
    items: tuple[OutboxItem, ...],
) -> Committed:
    """Return what a statement assigned."""
    answer = _ASSIGNED.validate_python(dict(row._mapping if isinstance(row, Row) else row))
    numbered = tuple(
        OutboxItem(kind=item.kind, payload=item.payload, id=identity)
        for item, identity in zip(items, answer.outbox_ids, strict=True)
    )
    return Committed(run_id=run_id, epoch=answer.epoch, first_n=answer.n0 + 1, events=events, outbox=numbered)
