"""The qa agent as an ASGI application."""

from pathlib import Path

from agent_qa.tools import TOOLS
from agent_qa.verdict import ComputedVerdict
from flowloom_agentkit.app import create_agent_app

app = create_agent_app(Path(__file__).parent, tools=TOOLS, guard=ComputedVerdict())
