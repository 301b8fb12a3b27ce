"""The `agent` step: a crew of one agent answers a prompt."""

from pydantic import Field

from flowloom_contracts.base import JsonObject
from flowloom_contracts.step_fields import ChecksField, Memory, StepFields, TemplatedInt, TemplatedTemperature


class AgentStep(StepFields):
    """Let an agent answer a prompt."""

    agent: str = Field(min_length=1, max_length=64, title="Agent", description="Name of the agent.")
    prompt: str = Field(min_length=1, description="What the agent is asked.")
    output: JsonObject | None = Field(
        default=None, description="JSON Schema of the answer; without it the answer is text."
    )
    tools: list[str] | None = Field(default=None, description="Tools it may use. Default: the agent's own.")
    model: str | None = Field(default=None, min_length=1, description="Default: `defaults.model`.")
    temperature: TemplatedTemperature | None = Field(default=None, description="From 0 to 2.")
    max_tokens: TemplatedInt | None = Field(default=None, description="Longest answer.")
    memory: Memory | None = Field(default=None, description="Notes to read before and to keep after.")
    checks: ChecksField | None = Field(default=None, description="Deterministic checks of the answer.")
