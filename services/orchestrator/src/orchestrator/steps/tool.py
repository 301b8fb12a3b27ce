"""Carries out a `tool` step: one call of a tool of the workspace, journaled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from flowloom_contracts.agents import Effect, StepTask
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.mcp import PREFIX
from flowloom_contracts.run_memory import WorkflowSight
from flowloom_contracts.runs import Usage
from flowloom_modelkit.patience import until_available
from flowloom_servicekit.errors import RemoteProblemError, UpstreamError
from orchestrator.execution import Finish
from orchestrator.mcp_step import called_mcp
from orchestrator.step_context import StepCallError, StepContext, conclude

DEFAULT_COLLECTION: Final = "notes"
MOST_HITS: Final = 20


@dataclass(frozen=True)
class Tool:
    """A tool of the platform; `call` takes arguments, context and effect key."""

    effect: Effect
    call: Callable[[JsonObject, StepContext, str], Awaitable[JsonValue]]


async def run(task: StepTask, context: StepContext, *, finish: Finish) -> None:
    """See `StepModule`."""
    await conclude(task, context, work=lambda: _called(task, context), finish=finish)


async def _called(task: StepTask, context: StepContext) -> JsonValue:
    wanted = task.tool
    if wanted is not None and wanted.name.startswith(PREFIX):
        return await called_mcp(task, wanted, context)
    tool = TOOLS.get(wanted.name) if wanted else None
    if wanted is None or tool is None:
        name = wanted.name if wanted else ""
        raise StepCallError("invalid_input", f"There is no tool {name!r} here; there is {', '.join(TOOLS)}.")

    async def call(key: str) -> tuple[JsonValue, Usage]:
        async with context.opened(task) as (opened, redactor):
            arguments = (opened.tool or wanted).arguments
            result = await _result(tool, wanted.name, arguments, context, key=task.idempotency_key or key)
            return await context.light(redactor.value(result)), Usage()

    request: JsonObject = task.model_dump(mode="json", include={"tool", "secrets", "idempotency_key"})
    performed = await context.calls.perform(wanted.name, request, call, effect=tool.effect)
    return performed.response


async def _result(
    tool: Tool, name: str, arguments: JsonObject, context: StepContext, *, key: str
) -> JsonValue:
    try:
        with context.stop.interrupting():
            return await until_available(lambda: tool.call(arguments, context, key), stop=context.stop)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise StepCallError("invalid_input", f"{name}: {wrong['loc'][-1]}: {wrong['msg']}") from None
    except UpstreamError as error:
        refused = isinstance(error, RemoteProblemError) and error.is_callers_fault
        code = "invalid_input" if refused else "upstream"
        raise StepCallError(code, f"{name}: {error.detail or error.title}") from error


async def _search(arguments: JsonObject, context: StepContext, _key: str) -> JsonValue:
    top = arguments.get("top", 5)
    hits = await context.parts.memory.search(
        context.workspace_id,
        str(arguments.get("query", "")),
        collection=str(arguments.get("collection") or DEFAULT_COLLECTION),
        top=min(max(top, 1), MOST_HITS) if isinstance(top, int) else 5,
        # Of what runs have left, that of the own workflow: who may see this run may see those too.
        sight=WorkflowSight(only=[context.workflow_id] if context.workflow_id else []),
        origin=context.origin,
    )
    return [hit.text for hit in hits]


async def _store(arguments: JsonObject, context: StepContext, key: str) -> JsonValue:
    return await context.parts.memory.store(
        context.workspace_id,
        str(arguments.get("text", "")),
        collection=str(arguments.get("collection") or DEFAULT_COLLECTION),
        origin=context.origin,
        effect_key=key,
    )


TOOLS: Final = {"memory.search": Tool("none", _search), "memory.store": Tool("idempotent", _store)}
