"""What a workspace has: the names a document may use of agents, models and tools."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.document import ProblemCode
from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean

BUILT_IN_AGENTS: Final = frozenset({"research", "analysis", "implementation", "qa"})


@dataclass(frozen=True, slots=True)
class Catalog:
    """The names of a workspace; the built-in agents and the model `default` are always there.

    A part that is None is not known here and not checked.
    """

    agents: frozenset[str] | None = None
    models: frozenset[str] | None = None
    tools: frozenset[str] | None = None


THIS_BUILD: Final = Catalog(agents=frozenset(), tools=frozenset({"memory.search", "memory.store"}))
"""What every workspace has while it cannot add agents and tools of its own; models are the endpoint's."""


def check_catalog(draft: Draft, catalog: Catalog) -> None:
    """Report agents, models and tools that do not exist."""
    _check_model(draft, catalog, ("defaults", "model"))
    for step_id, step in draft.steps.items():
        path: Path = ("steps", step_id)
        if isinstance(step, LlmStep):
            _check_model(draft, catalog, (*path, "llm"))
        if isinstance(step, AgentStep):
            _check_agent(draft, catalog, path, step.agent)
            _check_model(draft, catalog, (*path, "model"))
            for position, tool in enumerate(step.tools or ()):
                _check_tool(draft, catalog, (*path, "tools", position), tool)


def _check_agent(draft: Draft, catalog: Catalog, path: Path, name: str) -> None:
    if catalog.agents is None:
        return
    known = sorted(BUILT_IN_AGENTS | catalog.agents)
    if name not in known:
        hint = did_you_mean(name, known) or f"Agents are {', '.join(known)}."
        draft.report(ProblemCode.UNKNOWN_AGENT, (*path, "agent"), f"There is no agent {name!r}.", hint=hint)


def _check_model(draft: Draft, catalog: Catalog, path: Path) -> None:
    node = draft.node(path)
    name = getattr(node, "value", None)
    if catalog.models is None or not isinstance(name, str) or name in catalog.models | {"default"}:
        return
    known = sorted(catalog.models | {"default"})
    hint = did_you_mean(name, known) or f"Models are {', '.join(known)}."
    draft.report(ProblemCode.UNKNOWN_MODEL, path, f"There is no model {name!r}.", hint=hint)


def _check_tool(draft: Draft, catalog: Catalog, path: Path, name: str) -> None:
    if catalog.tools is None or name in catalog.tools:
        return
    hint = did_you_mean(name, catalog.tools)
    draft.report(ProblemCode.UNKNOWN_TOOL, path, f"There is no tool {name!r}.", hint=hint)
