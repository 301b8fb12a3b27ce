"""Which events of a run people want to be told beside its viewers, and what they are told."""

import json
from collections.abc import Iterable
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.notices import Notice, NoticeKind
from orchestrator.domain.records import NewEvent, OutboxItem, OutboxKind, RunRecord

_KINDS: Final[dict[str, NoticeKind]] = {
    "approval.requested.v1": "approval_requested",
    "budget.warned.v1": "budget_warned",
    "budget.reached.v1": "budget_reached",
}


def noticed(events: Iterable[NewEvent]) -> tuple[OutboxItem, ...]:
    """Return what has to be told after the commit of events."""
    return tuple(
        OutboxItem(OutboxKind.NOTICE, {"envelope": event.body}) for event in events if event.type in _KINDS
    )


def notice_of(record: RunRecord, item: OutboxItem) -> Notice:
    """Return what people are told; the id is that of the item, which is told until it is heard."""
    envelope: JsonObject = json.loads(str(item.payload["envelope"]))
    data = envelope.get("data")
    details = data if isinstance(data, dict) else {}
    to = details.get("to")
    actor = record.origin.actor
    return Notice(
        id=f"{record.id}:{item.id}",
        kind=_KINDS[str(envelope["type"])],
        workspace_id=record.workspace_id,
        workflow=record.workflow,
        run_id=record.id,
        step=str(envelope["step"]) if envelope.get("step") else None,
        user_id=actor.user_id if actor else None,
        is_private=record.origin.is_private,
        to=[str(one) for one in to] if isinstance(to, list) else [],
        title=str(details.get("title") or ""),
        details=_shown(details),
        at=str(envelope["at"]),
    )


def _shown(details: JsonObject) -> JsonObject:
    """Return what may leave the run: names and numbers, never the values that somebody is asked about."""
    kept = ("id", "kind", "scope", "unit", "limit", "used", "rule", "action", "expires_at")
    return {name: details[name] for name in kept if details.get(name) is not None}
