"""The tools that any agent can list: search and keep notes of the workspace."""

from flowloom_agentkit.tools import ToolContext, tool


@tool("memory.search", effect="none", outside=True)
async def search_memory(ctx: ToolContext, query: str, collection: str = "notes", top: int = 5) -> list[str]:
    """Return the stored notes nearest in meaning to a query, best first."""
    hits = await ctx.memory.search(query, collections=[collection], top=min(max(top, 1), 20))
    return [hit.text for hit in hits]


@tool("memory.store", effect="idempotent")
async def store_note(ctx: ToolContext, text: str, collection: str = "notes") -> str:
    """Keep a note so that this and other agents find it later. Return its id."""
    return (await ctx.memory.store(text, collection=collection, effect_key=ctx.effect_key)).id
