"""The `transform` step: a value computed from others."""

from typing import ClassVar

from pydantic import Field

from flowloom_contracts.base import JsonValue
from flowloom_contracts.cards import ANYTHING, Card
from flowloom_contracts.step_fields import StepFields


class TransformStep(StepFields):
    """Compute a value; its output is that value."""

    CARD: ClassVar[Card] = Card(
        title="Transform",
        icon="transform",
        category="data",
        synonyms=("map", "set", "compute", "convert", "variable", "expression", "template"),
        example={"transform": {"topic": "${inputs.topic}"}},
        output=ANYTHING,
        widgets={"transform": "value"},
    )

    transform: JsonValue = Field(title="Transform", description="Any value; templates in it are evaluated.")
