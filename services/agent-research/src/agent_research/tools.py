"""The tools of the research agent."""

from flowloom_agentkit.memory_tools import search_memory

TOOLS = [search_memory]
