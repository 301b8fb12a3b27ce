"""The implementation agent as an ASGI application."""

from pathlib import Path

from agent_implementation.changed_files import ExistingFiles
from agent_implementation.tools import TOOLS
from flowloom_agentkit.app import create_agent_app

app = create_agent_app(Path(__file__).parent, tools=TOOLS, guard=ExistingFiles())
