"""The `wait` step: let time pass, or wait for an event."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from flowloom_contracts.cards import ANYTHING, Card
from flowloom_contracts.step_fields import (
    Condition,
    StepFields,
    TemplatedDuration,
    Written,
    require_one,
    says_one,
)


class AwaitedEvent(Written):
    """The event that ends a wait."""

    name: str = Field(min_length=1, max_length=500, description="The topic it is emitted with.")
    match: Condition | None = Field(
        default=None, description="Must hold; `event {name, data, at}` is the event that has come."
    )
    timeout: TemplatedDuration | None = Field(
        default=None, description="The longest wait; then the step fails with code timeout."
    )


class Wait(Written):
    """What to wait for: exactly one of the three."""

    model_config = says_one(("for", "until", "event"), at_most_one=True)

    duration: TemplatedDuration | None = Field(
        default=None, alias="for", description="A duration such as 10s or 2h."
    )
    until: str | None = Field(
        default=None, min_length=1, description="A time with its zone, such as 2027-01-31T08:00:00Z."
    )
    event: AwaitedEvent | None = Field(default=None, description="An event of this workspace.")

    @model_validator(mode="after")
    def _is_one_wait(self) -> Self:
        require_one(self, ("duration", "until", "event"), at_most_one=True)
        return self


class WaitStep(StepFields):
    """Wait; its output is null, or the data of the event."""

    CARD: ClassVar[Card] = Card(
        title="Wait",
        icon="clock-pause",
        category="flow",
        synonyms=("delay", "sleep", "timer", "pause", "event", "until", "schedule"),
        example={"wait": {"for": "10s"}},
        output=ANYTHING,
        size="small",
        widgets={"wait.until": "time", "wait.event.name": "topic", "wait.event.match": "condition"},
    )

    wait: Wait = Field(title="Wait", description="What to wait for.")
