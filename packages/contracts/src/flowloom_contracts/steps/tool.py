"""The `tool` step: one call of a tool, without a model."""

from typing import ClassVar

from pydantic import Field

from flowloom_contracts.cards import ANYTHING, Card
from flowloom_contracts.step_fields import StepFields, TemplatedMapping


class ToolStep(StepFields):
    """Call a tool; its output is the tool's result."""

    CARD: ClassVar[Card] = Card(
        title="Tool",
        icon="tool",
        category="connect",
        synonyms=("function", "mcp", "call", "plugin", "action"),
        example={"tool": "memory.search", "with": {"query": "${inputs.topic}"}},
        output=ANYTHING,
        widgets={"tool": "tool", "with": "mapping"},
    )

    tool: str = Field(
        min_length=1, max_length=200, title="Tool", description="Its name; `mcp/<server>.<tool>` for MCP."
    )
    arguments: TemplatedMapping = Field(
        default={}, alias="with", description="What the tool is called with; secrets are allowed here."
    )
