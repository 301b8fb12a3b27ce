"""The `agent` step: a crew of one agent answers a prompt."""

from typing import ClassVar

from pydantic import Field

from flowloom_contracts.base import JsonObject
from flowloom_contracts.cards import TEXT, Card
from flowloom_contracts.step_fields import (
    ChecksField,
    Memory,
    StepFields,
    TemplatedInt,
    TemplatedMapping,
    TemplatedTemperature,
)


class AgentStep(StepFields):
    """Let an agent answer a prompt."""

    CARD: ClassVar[Card] = Card(
        title="Agent",
        icon="robot",
        category="ai",
        synonyms=("crew", "assistant", "research", "analysis", "ai", "autonomous"),
        example={"agent": "research", "prompt": "Find what is known about ${inputs.topic}."},
        output=TEXT,
        output_from="output",
        size="large",
        widgets={
            "agent": "agent",
            "prompt": "textarea",
            "output": "json_schema",
            "tools": "tools",
            "model": "model",
            "with": "mapping",
            "memory.read": "collections",
            "memory.write": "collection",
        },
    )

    agent: str = Field(min_length=1, max_length=64, title="Agent", description="Name of the agent.")
    prompt: str = Field(min_length=1, description="What the agent is asked.")
    output: JsonObject | None = Field(
        default=None, description="JSON Schema of the answer; without it the answer is text."
    )
    tools: list[str] | None = Field(default=None, description="Tools it may use. Default: the agent's own.")
    model: str | None = Field(default=None, min_length=1, description="Default: `defaults.model`.")
    temperature: TemplatedTemperature | None = Field(default=None, description="From 0 to 2.")
    max_tokens: TemplatedInt | None = Field(default=None, description="Longest answer.")
    arguments: TemplatedMapping = Field(
        default={},
        alias="with",
        description="Values and orders for the agent's own checks, which no model can change.",
    )
    memory: Memory | None = Field(default=None, description="Notes to read before and to keep after.")
    checks: ChecksField | None = Field(default=None, description="Deterministic checks of the answer.")
