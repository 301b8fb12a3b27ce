"""The `stop` step: end the run here."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, Tag

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import Card
from flowloom_contracts.step_fields import StepFields, TemplateText, Written, choice, holds_template


def _status(value: JsonValue) -> str:
    return "template" if holds_template(value) else "value"


StopStatus: TypeAlias = Annotated[
    Annotated[Literal["succeeded", "failed"], Tag("<value>")] | TemplateText, choice(_status)
]


class Stop(Written):
    """How the run ends."""

    status: StopStatus = Field(description="`failed` is an error with code stopped.")
    message: str | None = Field(default=None, max_length=5_000, description="Why.")


class StopStep(StepFields):
    """End the run: nothing new starts, and running steps are cancelled."""

    CARD: ClassVar[Card] = Card(
        title="Stop",
        icon="player-stop",
        category="flow",
        synonyms=("end", "finish", "exit", "abort", "fail", "return"),
        example={"stop": {"status": "succeeded"}},
        size="small",
        ends_run=True,
        widgets={"stop.status": "select", "stop.message": "textarea"},
    )

    stop: Stop = Field(title="Stop", description="How the run ends.")
