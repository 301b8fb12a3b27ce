"""The `llm` step: one plain model call, without a crew."""

from typing import ClassVar

from pydantic import Field

from flowloom_contracts.base import JsonObject
from flowloom_contracts.cards import TEXT, Card
from flowloom_contracts.step_fields import ChecksField, StepFields, TemplatedInt, TemplatedTemperature


class LlmStep(StepFields):
    """Ask a model once."""

    CARD: ClassVar[Card] = Card(
        title="Model call",
        icon="sparkles",
        category="ai",
        synonyms=("prompt", "chat", "completion", "generate", "ask", "gpt", "claude", "ai"),
        example={"llm": "default", "prompt": "Summarise in one sentence: ${inputs.text}"},
        output=TEXT,
        output_from="output",
        size="large",
        widgets={"llm": "model", "prompt": "textarea", "system": "textarea", "output": "json_schema"},
    )

    llm: str = Field(min_length=1, max_length=128, title="Model", description="`default` or a model's name.")
    prompt: str = Field(min_length=1, description="What the model is asked.")
    system: str | None = Field(default=None, min_length=1, description="The system message.")
    output: JsonObject | None = Field(
        default=None, description="JSON Schema of the answer; without it the answer is text."
    )
    temperature: TemplatedTemperature | None = Field(default=None, description="From 0 to 2.")
    max_tokens: TemplatedInt | None = Field(default=None, description="Longest answer.")
    checks: ChecksField | None = Field(default=None, description="Deterministic checks of the answer.")
