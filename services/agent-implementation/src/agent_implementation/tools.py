"""The tools of the implementation agent."""

from flowloom_agentkit.memory_tools import search_memory, store_note

TOOLS = [search_memory, store_note]
