"""What the audit log is told of people's commands and decisions, asked for in the change that they make."""

from datetime import datetime

from flowloom_contracts.audit import AuditAction, AuditActor, AuditEvent, AuditTarget
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor
from orchestrator.domain.draft import Draft
from orchestrator.domain.records import OutboxItem, OutboxKind, RunRecord


def write_down(
    draft: Draft,
    action: AuditAction,
    actor: Actor,
    *,
    target: AuditTarget,
    at: datetime,
    details: JsonObject | None = None,
) -> None:
    """Have the gateway write a deed down after the commit; without a person it is the platform's own."""
    deed: JsonObject = {
        "action": action.value,
        "at": at.isoformat(),
        "actor": _doer(actor).model_dump(mode="json"),
        "target": target.model_dump(mode="json"),
        "details": {"run_id": draft.record.id, **(details or {})},
    }
    draft.ask(OutboxKind.AUDIT, {"deed": deed})


def audit_event(record: RunRecord, item: OutboxItem) -> AuditEvent:
    """Return the event of an item; its id is told until it is heard, and is written down once."""
    deed = item.payload["deed"]
    known = deed if isinstance(deed, dict) else {}
    named = {"event_id": f"{record.id}:{item.id}", "workspace_id": record.workspace_id}
    return AuditEvent.model_validate(known | named)


def _doer(actor: Actor) -> AuditActor:
    if actor.user_id is None:
        return AuditActor(kind="service", id="orchestrator")
    return AuditActor(kind="user", id=actor.user_id, email=actor.email)
