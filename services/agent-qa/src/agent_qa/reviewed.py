"""What a step reviews: the value that its document gave, or what is in a file of its run."""

import json

from agent_qa.checks import Check
from agent_qa.orders import Orders
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.file_tools import text_of
from flowloom_agentkit.tools import ToolContext


async def reviewed(ctx: ToolContext) -> tuple[Orders, list[Check]]:
    """Return the orders of a step with the file's content as their value, and how reading it went.

    A file that is not there, or is none of what its name says, is a check that failed; no score mends it.
    """
    orders = Orders.of(ctx.so_far.given)
    if orders.file is None:
        return orders, []
    name = f"file {orders.file}"
    if all(file.path != orders.file for file in await ctx.files.list()):
        return orders, [Check(name, passed=False, detail="the run has no such file")]
    try:
        text = text_of(await ctx.files.read(orders.file))
        value = json.loads(text) if orders.file.lower().endswith(".json") else text
    except ToolFailedError as error:
        return orders, [Check(name, passed=False, detail=str(error)[:300])]
    except (ValueError, RecursionError) as error:
        return orders, [Check(name, passed=False, detail=f"it is no JSON: {error}"[:300])]
    return orders.model_copy(update={"value": value}), [Check(name, passed=True)]
