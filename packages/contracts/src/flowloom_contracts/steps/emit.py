"""The `emit` step: tell others that something has happened."""

from typing import ClassVar

from pydantic import Field

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import Card
from flowloom_contracts.step_fields import StepFields, Written


class Emit(Written):
    """One event."""

    topic: str = Field(min_length=1, max_length=500, description="What others wait for or are started by.")
    data: JsonValue = Field(default=None, description="What the event carries.")


class EmitStep(StepFields):
    """Emit an event; its output is `{event_id}`."""

    CARD: ClassVar[Card] = Card(
        title="Emit event",
        icon="broadcast",
        category="connect",
        synonyms=("event", "publish", "notify", "message", "signal", "trigger"),
        example={"emit": {"topic": "report.ready", "data": {"topic": "${inputs.topic}"}}},
        output={
            "type": "object",
            "properties": {"event_id": {"type": "string"}},
            "required": ["event_id"],
        },
        size="small",
        widgets={"emit.topic": "topic", "emit.data": "value"},
    )

    emit: Emit = Field(title="Emit", description="The event.")
