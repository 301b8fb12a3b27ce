"""The research agent as an ASGI application."""

from pathlib import Path

from agent_research.citations import CitedSources
from agent_research.tools import TOOLS
from flowloom_agentkit.app import create_agent_app

app = create_agent_app(Path(__file__).parent, tools=TOOLS, guard=CitedSources())
