"""The analysis agent as an ASGI application."""

from pathlib import Path

from agent_analysis.findings import EvidencedFindings
from agent_analysis.tools import TOOLS
from flowloom_agentkit.app import create_agent_app

app = create_agent_app(Path(__file__).parent, tools=TOOLS, guard=EvidencedFindings())
