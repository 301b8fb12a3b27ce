"""What starts a workflow by itself: a schedule, a webhook, an event."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, Tag

from flowloom_contracts.base import JsonValue
from flowloom_contracts.step_fields import ID_PATTERN, Condition, TemplatedMapping, Written, choice


class TriggerFields(Written):
    """Fields of every trigger."""

    id: str = Field(pattern=ID_PATTERN, description="Unique in the document.")
    inputs: TemplatedMapping = Field(
        default={}, description="The inputs of the run; `trigger` is what has happened."
    )


class ScheduleTrigger(TriggerFields):
    """Starts at times of a calendar; `trigger.due_at` is the time it was due."""

    schedule: str = Field(
        min_length=1, max_length=200, description="Cron: minute, hour, day of month, month, day of week."
    )
    zone: str = Field(default="UTC", min_length=1, max_length=64, description="Such as Europe/Berlin.")
    misfire: Literal["skip", "run_once", "run_all"] = Field(
        default="skip", description="What happens with times that passed while the platform did not run."
    )


class Webhook(Written):
    """How calls from outside are recognised."""

    auth: Literal["api_key", "signature", "none"] = Field(
        default="api_key", description="What a caller must show."
    )
    dedupe: str | None = Field(
        default=None, min_length=1, description="Calls with the same value start one run."
    )


class WebhookTrigger(TriggerFields):
    """Starts when its address is called; `trigger` has `body`, `headers` and `query`."""

    webhook: Webhook


class EventSource(Written):
    """Which events start a run."""

    topic: str = Field(min_length=1, max_length=128, description="As steps emit it.")
    match: Condition | None = Field(
        default=None, description="Must hold; `trigger` is the event: `name`, `data`, `at`."
    )


class EventTrigger(TriggerFields):
    """Starts when an event is emitted in the workspace; `trigger` has `name`, `data` and `at`."""

    event: EventSource


TRIGGER_KINDS = ("schedule", "webhook", "event")


def trigger_kind(trigger: JsonValue | TriggerFields) -> str:
    """Return a trigger's kind: the one field of it that is named like a kind (the first if several)."""
    fields = trigger if isinstance(trigger, dict) else {}
    names = type(trigger).model_fields if isinstance(trigger, TriggerFields) else fields
    return next((kind for kind in TRIGGER_KINDS if kind in names), "none")


Trigger: TypeAlias = Annotated[
    Annotated[ScheduleTrigger, Tag("<schedule>")]
    | Annotated[WebhookTrigger, Tag("<webhook>")]
    | Annotated[EventTrigger, Tag("<event>")],
    choice(trigger_kind),
]
