"""The tools of the qa agent."""

from flowloom_agentkit.memory_tools import search_memory

TOOLS = [search_memory]
