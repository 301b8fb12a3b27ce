"""A `tool` step that calls a tool of an MCP server, journaled like every other call."""

from collections.abc import Awaitable

from flowloom_contracts.agents import StepTask, ToolTask
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import Usage
from flowloom_modelkit.errors import CallStoppedError, UncertainCallError
from flowloom_modelkit.patience import until_available
from orchestrator.domain.mcp import McpCallError
from orchestrator.step_context import StepCallError, StepContext
from orchestrator.usecases.call_mcp import AgreedTool


async def called_mcp(task: StepTask, wanted: ToolTask, context: StepContext) -> JsonValue:
    """Return the tool's result. What a repeated call would do says whoever agreed to the tool.

    Raises StepCallError, and UncertainCallError when a call that must happen once was sent and its answer is
    not known.
    """
    agreed = await _agreed(wanted.name, context)

    async def call(key: str) -> tuple[JsonValue, Usage]:
        async with context.opened(task) as (opened, redactor):
            arguments = (opened.tool or wanted).arguments
            result = await _made(agreed, arguments, context, key=task.idempotency_key or key, task=task)
            return await context.light(redactor.value(result)), Usage()

    request: JsonObject = task.model_dump(mode="json", include={"tool", "secrets", "idempotency_key"})
    performed = await context.calls.perform(wanted.name, request, call, effect=agreed.effect)
    return performed.response


async def _agreed(name: str, context: StepContext) -> AgreedTool:
    try:
        return await until_available(
            lambda: context.parts.mcp.find(context.workspace_id, name), stop=context.stop
        )
    except McpCallError as error:
        raise StepCallError(error.code, error.message) from error


async def _made(
    agreed: AgreedTool, arguments: JsonObject, context: StepContext, *, key: str, task: StepTask
) -> JsonValue:
    def asked() -> Awaitable[JsonValue]:
        return context.parts.mcp.call(
            context.workspace_id, agreed, arguments, key=key, timeout_s=task.timeout_s
        )

    try:
        with context.stop.interrupting():
            return await until_available(asked, stop=context.stop)
    except CallStoppedError as stopped:
        if agreed.effect == "once" and stopped.reason == "deadline":
            raise UncertainCallError("the step's time was over before the tool had answered") from stopped
        raise
    except McpCallError as error:
        if agreed.effect == "once" and error.is_unknown:
            raise UncertainCallError(
                f"{agreed.name} was called and has not answered: {error.message}"
            ) from error
        raise StepCallError(error.code, error.message) from error
