"""The `transform` step: a value computed from others."""

from pydantic import Field

from flowloom_contracts.base import JsonValue
from flowloom_contracts.step_fields import StepFields


class TransformStep(StepFields):
    """Compute a value; its output is that value."""

    transform: JsonValue = Field(title="Transform", description="Any value; templates in it are evaluated.")
