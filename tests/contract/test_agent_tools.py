"""The tools that documents may name are those that the agents' files list."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from flowloom_language.catalog import BUILT_IN_TOOLS, THIS_BUILD
from flowloom_language.document import validate_document

ROOT: Final = Path(__file__).parents[2]
TOOLS: Final = [*ROOT.glob("packages/agentkit/src/**/*.py"), *ROOT.glob("services/agent-*/src/**/*.py")]
FILES: Final = sorted(ROOT.glob("services/agent-*/src/*/agent.yaml"))
STEP: Final = """apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: x}}
agents:
  own: {{kind: {kind}, role: R, goal: G, tools: [{tool}]}}
steps:
  a: {{agent: {kind}, prompt: Hi, tools: [{tool}]}}
  b: {{agent: own, prompt: Hi, tools: [{tool}]}}
"""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parents[2].name)
def test_the_catalogue_knows_the_tools_of_an_agent_and_no_others(file: Path) -> None:
    agent = yaml.safe_load(file.read_text())
    kind = agent["name"]
    accepted = {
        name
        for name in BUILT_IN_TOOLS
        if not validate_document(STEP.format(kind=kind, tool=name), THIS_BUILD).problems
    }
    everywhere = {name for name, tool in BUILT_IN_TOOLS.items() if tool.agents is None}
    assert accepted == set(agent["tools"]) | everywhere


def test_a_tool_of_an_agent_is_no_step() -> None:
    source = STEP.format(kind="research", tool="memory.search").replace(
        "steps:\n", "steps:\n  t: {tool: web.fetch, with: {url: 'https://a.example/'}}\n"
    )
    (problem,) = validate_document(source, THIS_BUILD).problems
    assert (problem.code, problem.path) == ("unknown_tool", "steps.t.tool")


def test_the_builder_offers_the_tools_of_each_kind() -> None:
    source = (ROOT / "frontend/src/domain/document/agent-tools.ts").read_text()
    for kind in ("research", "analysis", "implementation", "qa"):
        block = re.search(rf"\b{kind}: \[(.*?)\]", source, re.DOTALL)
        assert block is not None
        wanted = {
            name for name, tool in BUILT_IN_TOOLS.items() if tool.agents is not None and kind in tool.agents
        }
        assert set(re.findall(r'"([^"]+)"', block[1])) == wanted


def test_the_builder_says_what_a_repeated_call_of_a_tool_does() -> None:
    source = (ROOT / "frontend/src/domain/document/agent-tools.ts").read_text()
    block = re.search(r"REPEATABLE_TOOLS.*?= \[(.*?)\]", source, re.DOTALL)
    assert block is not None
    effects = dict(
        match for file in TOOLS for match in re.findall(r'@tool\("([^"]+)", effect="(\w+)"', file.read_text())
    )
    assert set(effects) == set(BUILT_IN_TOOLS)
    assert set(re.findall(r'"([^"]+)"', block[1])) == {
        name for name, effect in effects.items() if effect == "idempotent"
    }
    assert "once" not in effects.values()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_builder_describes_every_tool(language: str) -> None:
    words = json.loads((ROOT / f"frontend/src/features/editor/locales/{language}.json").read_text())
    described = words["tools"]["about"]
    for name in BUILT_IN_TOOLS:
        group, tool = name.split(".")
        assert described[group][tool]
