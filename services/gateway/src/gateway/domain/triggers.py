"""What triggers say: which the gateway listens for, whether an event fits, what a run is given."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from flowloom_contracts.automation import ScheduleSpec
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.triggers import EventTrigger, ScheduleTrigger, TriggerFields, WebhookTrigger
from flowloom_contracts.workflow import Workflow
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render, render_text
from flowloom_language.expressions.values import kind
from gateway.domain.json_values import canonical

HIDDEN_HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "x-api-key",
        "x-flowloom-signature",
        "dapr-api-token",
        "dapr-app-id",
    }
)
"""Credentials are for us, not for the workflow: they are not kept with a delivery."""


TriggerKind = Literal["webhook", "event"]


@dataclass(frozen=True, slots=True)
class NewTrigger:
    """A trigger of a version that the gateway itself listens for; `spec` is as the document writes it."""

    trigger: str
    kind: TriggerKind
    spec: JsonObject
    topic: str | None = None


class TriggerInputsError(Exception):
    """A trigger's templates cannot be evaluated for what has happened."""


def listened(workflow: Workflow) -> tuple[NewTrigger, ...]:
    """Return the webhooks and event triggers of a document."""
    found: list[NewTrigger] = []
    for trigger in workflow.triggers:
        spec: JsonObject = trigger.model_dump(mode="json")
        if isinstance(trigger, WebhookTrigger):
            found.append(NewTrigger(trigger.id, "webhook", spec))
        elif isinstance(trigger, EventTrigger):
            found.append(NewTrigger(trigger.id, "event", spec, topic=trigger.event.topic))
    return tuple(found)


def schedules(workflow: Workflow) -> list[ScheduleSpec]:
    """Return the schedules of a document."""
    return [
        ScheduleSpec(trigger=trigger.id, cron=trigger.schedule, zone=trigger.zone, misfire=trigger.misfire)
        for trigger in workflow.triggers
        if isinstance(trigger, ScheduleTrigger)
    ]


def trigger_of(workflow: Workflow, trigger_id: str) -> TriggerFields | None:
    """Return a trigger of a document by its id."""
    return next((trigger for trigger in workflow.triggers if trigger.id == trigger_id), None)


def inputs_of(inputs: JsonValue, data: JsonValue) -> JsonObject:
    """Return the inputs that a trigger's mapping gives; raises TriggerInputsError."""
    try:
        rendered = render(inputs, {"trigger": data})
    except ExpressionError as error:
        raise TriggerInputsError(f"`inputs` of the trigger: {error}") from error
    if not isinstance(rendered, dict):
        raise TriggerInputsError(f"`inputs` of the trigger is {kind(rendered)}, not a map.")
    return rendered


def fits(match: str | None, data: JsonValue) -> bool:
    """Whether an event meets a trigger's condition; one that cannot be evaluated is not met."""
    if match is None:
        return True
    try:
        return render_text(match, {"trigger": data}) is True
    except ExpressionError:
        return False


def dedupe_key(dedupe: str, data: JsonValue) -> bytes | None:
    """Return what makes another delivery the same one, None for null; raises TriggerInputsError."""
    try:
        value = render_text(dedupe, {"trigger": data})
    except ExpressionError as error:
        raise TriggerInputsError(f"`dedupe` of the trigger: {error}") from error
    return None if value is None else hashlib.sha256(canonical(value, "dedupe")).digest()
