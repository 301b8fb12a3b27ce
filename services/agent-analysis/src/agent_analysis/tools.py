"""The tools of the analysis agent."""

from flowloom_agentkit.memory_tools import search_memory

TOOLS = [search_memory]
