"""What a workspace has: its agents, models, tools, workflows, secrets and topics by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.mcp import PREFIX, name_parts
from flowloom_contracts.step_fields import Effect
from flowloom_contracts.workflow_tools import started_by
from flowloom_language.argument_checks import check_arguments
from flowloom_language.draft import Draft, Path
from flowloom_language.problems import did_you_mean
from flowloom_language.words import BUILT_IN_AGENTS
from flowloom_language.written_steps import WrittenStep

__all__ = [
    "BUILT_IN_AGENTS",
    "BUILT_IN_TOOLS",
    "OFFLINE",
    "THIS_BUILD",
    "Catalog",
    "CatalogTool",
    "check_catalog",
    "tools_of_kind",
]


@dataclass(frozen=True, slots=True)
class CatalogTool:
    """What is known of a tool. `schema` is the JSON Schema of its arguments.

    `agents` are the kinds of agents whose models may call it; None: all of them, and
    steps of kind `tool`.
    """

    effect: Effect = "once"
    schema: JsonObject | None = None
    agents: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """The names of a workspace; the built-in agents and the model `default` are always there.

    A part that is None is not known here and not checked. `agents` has the kind of each. `workflows` has the
    newest published version of each, None if there is none.
    """

    agents: Mapping[str, str] | None = None
    has_more_agents: bool = False
    """There may be others; one that is not known is a warning then."""
    models: frozenset[str] | None = None
    tools: Mapping[str, CatalogTool] | None = None
    mcp: Mapping[str, CatalogTool] | None = None
    """Tools of MCP servers, by `mcp/<server>.<tool>`; all agents and steps may name them."""
    workflows: Mapping[str, int | None] | None = None
    secrets: frozenset[str] | None = None
    topics: frozenset[str] | None = None


_COLLECTION: Final[JsonObject] = {"type": "string", "minLength": 1}

_TOOLS_OF_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "research": ("knowledge.search", "web.fetch", "web.search_site"),
    "qa": (
        *("files.list", "files.read"),
        *("qa.check_schema", "qa.assert", "qa.compare_with_sources", "qa.compare_with_golden"),
    ),
    "analysis": (
        *("files.list", "files.read", "files.write"),
        *("table.list", "table.describe", "table.query", "table.chart"),
    ),
    "implementation": ("files.list", "files.read", "files.write", "files.edit", "code.run"),
}

BUILT_IN_TOOLS: Final[Mapping[str, CatalogTool]] = {
    "memory.search": CatalogTool(
        "none",
        {
            "type": "object",
            "required": ["query"],
            "properties": {
                "query": {"type": "string"},
                "collection": _COLLECTION,
                "top": {"type": "integer"},
            },
            "additionalProperties": False,
        },
    ),
    "memory.store": CatalogTool(
        "idempotent",
        {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string"}, "collection": _COLLECTION},
            "additionalProperties": False,
        },
    ),
    **{
        name: CatalogTool(
            "none", agents=frozenset(kind for kind, known in _TOOLS_OF_KINDS.items() if name in known)
        )
        for names in _TOOLS_OF_KINDS.values()
        for name in names
    },
}
"""The tools that agent services bring along; a test compares them with the agents' files."""

THIS_BUILD: Final = Catalog(agents={}, tools=BUILT_IN_TOOLS)
"""What every workspace has before it adds agents of its own; models are the endpoint's."""

OFFLINE: Final = replace(THIS_BUILD, has_more_agents=True)
"""What can be judged of a file without the workspace that it is for."""


def check_catalog(draft: Draft, catalog: Catalog) -> None:
    """Report names that the workspace does not have, and arguments that a tool cannot take."""
    _check_name(draft, ("defaults", "model"), ProblemCode.UNKNOWN_MODEL, _models(catalog))
    _check_name(draft, ("limits", "budget", "on_reach", "model"), ProblemCode.UNKNOWN_MODEL, _models(catalog))
    agents = draft.data.get("agents")
    for name in agents if isinstance(agents, dict) else ():
        _check_user(draft, catalog, ("agents", name))
    for step in draft.steps:
        _check_step(draft, catalog, step)
    secrets = draft.data.get("secrets")
    for position in range(len(secrets) if isinstance(secrets, list) else 0):
        _check_name(draft, ("secrets", position), ProblemCode.UNDECLARED_SECRET, catalog.secrets)


def _models(catalog: Catalog) -> frozenset[str] | None:
    return None if catalog.models is None else catalog.models | {"default"}


def _check_step(draft: Draft, catalog: Catalog, step: WrittenStep) -> None:
    if step.kind == "agent":
        _check_agent(draft, catalog, (*step.path, "agent"))
        _check_user(draft, catalog, step.path)
    elif step.kind == "llm":
        _check_name(draft, (*step.path, "llm"), ProblemCode.UNKNOWN_MODEL, _models(catalog))
    elif step.kind == "tool":
        _check_tool(draft, catalog, (*step.path, "tool"), kind=None)
        tool = {**(catalog.tools or {}), **(catalog.mcp or {})}.get(str(step.data["tool"]))
        if tool is not None and tool.schema is not None:
            check_arguments(draft, (*step.path, "with"), tool.schema)
    elif step.kind == "workflow":
        _check_workflow(draft, catalog, step)


def _check_agent(draft: Draft, catalog: Catalog, path: Path) -> None:
    if catalog.agents is None:
        return
    own = draft.data.get("agents")
    known = BUILT_IN_AGENTS.union(own if isinstance(own, dict) else (), catalog.agents)
    severity: Literal["error", "warning"] = "warning" if catalog.has_more_agents else "error"
    _check_name(draft, path, ProblemCode.UNKNOWN_AGENT, known, severity=severity)


def _check_user(draft: Draft, catalog: Catalog, path: Path) -> None:
    """An agent, or a step of one: both name a model and tools."""
    _check_name(draft, (*path, "model"), ProblemCode.UNKNOWN_MODEL, _models(catalog))
    tools = draft.value((*path, "tools"))
    kind = _kind_of(draft, catalog, path)
    for position in range(len(tools) if isinstance(tools, list) else 0):
        _check_tool(draft, catalog, (*path, "tools", position), kind=kind)


def _check_tool(draft: Draft, catalog: Catalog, path: Path, *, kind: str | None) -> None:
    name = str(draft.value(path))
    known = _tools_of(catalog, kind)
    if name.startswith(PREFIX) and catalog.mcp is None and name_parts(name) is not None:
        return  # only the workspace knows its servers
    if kind is not None and started_by(name) is not None:
        return  # whether it may be started is known when it is
    if known is not None:
        known |= frozenset(catalog.mcp or ())
    _check_name(draft, path, ProblemCode.UNKNOWN_TOOL, known)


def _kind_of(draft: Draft, catalog: Catalog, path: Path) -> str:
    """Return the kind of the agent at a path, or of the one that the step there names."""
    if path[0] == "agents":
        return str(draft.value((*path, "kind")))
    name = str(draft.value((*path, "agent")))
    if name in BUILT_IN_AGENTS:
        return name
    written = draft.value(("agents", name, "kind"))
    return str((catalog.agents or {}).get(name) if written is None else written)


def tools_of_kind(kind: str) -> frozenset[str]:
    """Return the tools that this build has for agents of a kind."""
    return _tools_of(THIS_BUILD, kind) or frozenset()


def _tools_of(catalog: Catalog, kind: str | None) -> frozenset[str] | None:
    """Return the tools for a kind of agent, None: for steps; a kind that is not known has them all."""
    if catalog.tools is None:
        return None
    return frozenset(
        name
        for name, tool in catalog.tools.items()
        if tool.agents is None or kind in tool.agents or (kind is not None and kind not in BUILT_IN_AGENTS)
    )


def _check_workflow(draft: Draft, catalog: Catalog, step: WrittenStep) -> None:
    called = step.data["workflow"]
    if catalog.workflows is None or not isinstance(called, str):
        return
    path: Path = (*step.path, "workflow")
    name, _, version = called.partition("@")
    if name == draft.value(("metadata", "name")) and not version:
        return  # it will be there when this one is
    if name not in catalog.workflows:
        _report(draft, path, ProblemCode.UNKNOWN_WORKFLOW, name, known=catalog.workflows)
        return
    newest = catalog.workflows[name]
    if version.isdecimal() and int(version) > (newest or 0):
        known = f"The newest is {name}@{newest}." if newest else "It has not been published yet."
        message = f"{name!r} has no version {version}."
        draft.report(ProblemCode.UNKNOWN_WORKFLOW, path, message, hint=known)


def _check_name(
    draft: Draft,
    path: Path,
    code: ProblemCode,
    known: Iterable[str] | None,
    *,
    severity: Literal["error", "warning"] = "error",
) -> None:
    name = draft.value(path)
    if known is None or not isinstance(name, str) or "${" in name:
        return
    if name not in (names := frozenset(known)):
        _report(draft, path, code, name, known=names, severity=severity)


def _report(
    draft: Draft,
    path: Path,
    code: ProblemCode,
    name: str,
    *,
    known: Iterable[str],
    severity: Literal["error", "warning"] = "error",
) -> None:
    what = {
        ProblemCode.UNKNOWN_AGENT: "agent",
        ProblemCode.UNKNOWN_MODEL: "model",
        ProblemCode.UNKNOWN_TOOL: "tool",
        ProblemCode.UNKNOWN_WORKFLOW: "workflow",
        ProblemCode.UNDECLARED_SECRET: "secret",
    }[code]
    names = sorted(known)
    listed = f"There is {', '.join(names[:20])}." if names else f"This workspace has no {what}s."
    hint = did_you_mean(name, names) or listed
    draft.report(code, path, f"There is no {what} {name[:70]!r} here.", hint=hint, severity=severity)
