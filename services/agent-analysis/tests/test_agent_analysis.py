"""The analysis agent's file and tools fit together."""

from pathlib import Path

import agent_analysis
from agent_analysis.tools import TOOLS
from flowloom_agentkit.definition import load_definition
from flowloom_agentkit.tools import tools_by_name


def test_its_file_is_valid_and_names_only_its_own_tools() -> None:
    definition = load_definition(Path(agent_analysis.__file__).parent, tools_by_name(TOOLS))
    assert definition.name == "analysis"
    assert definition.persona.endswith(".")
