"""Tools of MCP servers as an agent has them: the orchestrator describes and calls them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Protocol

from pydantic import BaseModel, ConfigDict, create_model

from flowloom_agentkit.errors import ToolDeniedError
from flowloom_agentkit.tools import AgentTool, ToolContext
from flowloom_contracts.agents import StepTask
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import (
    PREFIX,
    CallMcpTool,
    DescribeMcpTools,
    McpCalled,
    McpToolCard,
    McpToolCards,
)
from flowloom_contracts.topics import AppId
from flowloom_contracts.workflow_tools import WORKFLOW_PREFIX
from flowloom_modelkit.errors import UncertainCallError
from flowloom_modelkit.journal import StepRef
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError

DESCRIBE_S: Final = 15.0
SLACK_S: Final = 15.0
"""What a call may take beside the time that the server has."""


class McpTools(Protocol):
    """The tools of MCP servers that one step may use."""

    async def describe(self, names: Sequence[str]) -> list[McpToolCard]:
        """Return the tools in the words that were agreed to; raises `ToolDeniedError`."""

    async def call(self, card: McpToolCard, arguments: JsonObject, *, effect_key: str) -> McpCalled:
        """Call a tool; raises `UpstreamError` when the orchestrator does not answer."""


class InvokedMcpTools:
    """`McpTools` over service invocation."""

    def __init__(self, invoker: Invoker, step: StepRef) -> None:
        self._invoker = invoker
        self._step = step

    async def describe(self, names: Sequence[str]) -> list[McpToolCard]:
        """See `McpTools.describe`."""
        request = DescribeMcpTools(
            run_id=self._step.run_id, step=self._step.step, exec=self._step.exec, names=list(names)
        )
        found = await self._invoker.call(
            AppId.ORCHESTRATOR, "mcp-tools/describe", request, McpToolCards, timeout_s=DESCRIBE_S
        )
        if found.refused is not None:
            raise ToolDeniedError(found.refused)
        return found.items

    async def call(self, card: McpToolCard, arguments: JsonObject, *, effect_key: str) -> McpCalled:
        """See `McpTools.call`."""
        request = CallMcpTool(
            run_id=self._step.run_id,
            step=self._step.step,
            exec=self._step.exec,
            name=card.name,
            arguments=arguments,
            effect_key=effect_key,
        )
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "mcp-tools/call", request, McpCalled, timeout_s=card.timeout_s + SLACK_S
        )


def mcp_names(task: StepTask) -> list[str]:
    """Return the tools of the orchestrator that a step names itself, or its agent in the document."""
    profile = task.profile.tools if task.profile is not None else None
    named = task.tools if task.tools is not None else profile
    return [name for name in named or [] if name.startswith((PREFIX, WORKFLOW_PREFIX))]


def agent_tool(card: McpToolCard, tools: McpTools) -> AgentTool:
    """Return a tool that a model can be offered; what it brings was written by others."""

    async def call(context: ToolContext, **arguments: JsonValue) -> JsonValue:
        called = await _called(card, tools, arguments, context.effect_key)
        if called.outcome == "done":
            return called.result
        if called.outcome == "uncertain" and card.effect == "once":
            raise UncertainCallError(f"{card.name} was called and has not answered: {called.message}")
        # An answer like any other: journaled, so that nobody repeats it, and the model can go on.
        return {"error": called.message or called.code or "it failed"}

    return AgentTool(card.name, card.effect, card.description, _arguments(card), call, is_outside=True)


async def _called(
    card: McpToolCard, tools: McpTools, arguments: Mapping[str, JsonValue], effect_key: str
) -> McpCalled:
    try:
        return await tools.call(card, dict(arguments), effect_key=effect_key)
    except RemoteProblemError:
        raise
    except UpstreamError as error:
        if card.effect != "once":
            raise
        raise UncertainCallError(f"{card.name} was to be called, and nobody says whether it was") from error


class _Anything(BaseModel):
    """Arguments that the orchestrator judges by the schema that was agreed to."""

    model_config = ConfigDict(extra="allow")
    SCHEMA: ClassVar[JsonObject] = {"type": "object"}

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> JsonObject:
        """Return the schema as it was agreed to."""
        return dict(cls.SCHEMA)


def _arguments(card: McpToolCard) -> type[BaseModel]:
    made = create_model("McpArguments", __base__=_Anything)
    made.SCHEMA = card.input_schema
    return made
