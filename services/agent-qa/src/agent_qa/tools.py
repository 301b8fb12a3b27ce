"""The tools of the qa agent; without arguments they check what the document gave the step under `with`."""

from agent_qa.checks import check_condition, check_schema, printed
from agent_qa.comparing import compare_with_golden, compare_with_sources
from agent_qa.reviewed import reviewed
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.file_tools import list_files, read_file
from flowloom_agentkit.memory_tools import search_memory
from flowloom_agentkit.tools import ToolContext, tool
from flowloom_contracts.base import JsonObject, JsonValue


@tool("qa.check_schema", effect="none")
async def check_schema_of(
    ctx: ToolContext, value: JsonValue = None, json_schema: JsonObject | None = None
) -> JsonObject:
    """Check a value against a JSON Schema. Without arguments: the value and the schema of this step."""
    orders, _ = await reviewed(ctx)
    shape = json_schema or orders.shape
    if shape is None:
        raise ToolFailedError("say the schema: this step has none of its own")
    return check_schema(orders.value if value is None else value, shape).told()


@tool("qa.assert", effect="none")
async def check_assertion(ctx: ToolContext, condition: str, value: JsonValue = None) -> JsonObject:
    """Check a condition on `value`, such as: size(value) >= 80. Without a value: that of this step."""
    orders, _ = await reviewed(ctx)
    return check_condition(orders.value if value is None else value, condition).told()


@tool("qa.compare_with_sources", effect="none")
async def compare_sources(ctx: ToolContext, text: str = "", sources: list[str] | None = None) -> JsonObject:
    """Find the sentences of a text that its sources do not support. Without arguments: those of this step."""
    orders, _ = await reviewed(ctx)
    given = list(sources or orders.sources)
    if not given and not orders.collections:
        raise ToolFailedError("say the sources: this step has none of its own")
    check, claims = await compare_with_sources(
        text or printed(orders.value), given, orders=orders, knowledge=ctx.knowledge
    )
    return {**check.told(), "sentences": [claim.told() for claim in claims]}


@tool("qa.compare_with_golden", effect="none")
async def compare_golden(ctx: ToolContext, value: JsonValue = None, golden: JsonValue = None) -> JsonObject:
    """Compare a value with the one that is known to be right. Without arguments: those of this step."""
    orders, _ = await reviewed(ctx)
    right = orders.golden if golden is None else golden
    if right is None:
        raise ToolFailedError("say the golden value: this step has none of its own")
    mine = orders.value if value is None else value
    check, difference = await compare_with_golden(mine, right, orders=orders, knowledge=ctx.knowledge)
    return {**check.told(), "difference": difference}


TOOLS = [
    search_memory,
    list_files,
    read_file,
    check_schema_of,
    check_assertion,
    compare_sources,
    compare_golden,
]
