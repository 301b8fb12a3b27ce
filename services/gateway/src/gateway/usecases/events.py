"""Events of a workspace: emitted by people, heard by event triggers."""

import asyncio
import hashlib

import orjson

from flowloom_contracts.automation import EmitBody, Emitted, UserEvent
from flowloom_contracts.base import JsonObject
from flowloom_contracts.triggers import EventTrigger
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ConflictError
from flowloom_servicekit.ids import new_id
from gateway.domain.json_values import canonical
from gateway.domain.principals import Principal
from gateway.domain.triggers import fits
from gateway.usecases.idempotency import check_key
from gateway.usecases.intake import Intake
from gateway.version_ports import EventStore, NewDelivery, TriggerStore


class EventConflictError(ConflictError):
    """The same Idempotency-Key stands for another event."""

    title = "The key was used for another event"


async def emit_event(
    body: EmitBody, principal: Principal, *, idempotency_key: str | None, events: EventStore, clock: Clock
) -> Emitted:
    """Store an event for its topic; it is published from there, also when this answer is lost."""
    check_key(idempotency_key)
    given = canonical(body.model_dump(mode="json"), "data")
    event = UserEvent(
        workspace_id=principal.workspace_id,
        event_id=new_id(),
        name=body.name,
        data=body.data,
        at=clock.now(),
    )
    kept = await events.emit(event, key=idempotency_key, request_hash=hashlib.sha256(given).hexdigest())
    if kept == "conflict":
        raise EventConflictError("Send another Idempotency-Key for another event.")
    return Emitted(event_id=kept)


async def hear_event(event: UserEvent, *, triggers: TriggerStore, intake: Intake, clock: Clock) -> int:
    """Store one delivery for each trigger that the event fits, once however often it arrives."""
    data: JsonObject = {"name": event.name, "data": event.data, "at": event.at.isoformat()}
    fitting = [
        trigger
        for trigger in await triggers.listening(event.workspace_id, event.name)
        if fits(EventTrigger.model_validate(trigger.spec).event.match, data)
    ]
    accepting = [
        intake.accept(
            NewDelivery(
                id=new_id(),
                workspace_id=event.workspace_id,
                trigger_id=trigger.id,
                run_key=f"event:{trigger.id}:{event.event_id}",
                data=orjson.dumps(data).decode(),
                received_at=clock.now(),
                dedupe=event.event_id.encode(),
            )
        )
        for trigger in fitting
    ]
    await asyncio.gather(*accepting)
    return len(fitting)
