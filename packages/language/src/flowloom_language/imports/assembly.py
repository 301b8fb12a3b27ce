"""Puts converted nodes together as a document; what has no step of ours becomes one that says so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import yaml

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.imports.graph import Graph, Node, Note, Notes
from flowloom_language.imports.texts import Holes

_NAME: Final = re.compile(r"[^a-z0-9]+")
_MAX_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Case:
    """A way out of a choice; without a condition the one for everything else."""

    port: str
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a node: fields of a step, the cases of a choice, or a loop over what stands in it."""

    fields: JsonObject = field(default_factory=dict)
    cases: tuple[Case, ...] = ()
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """A document of `flowloom/v1` and what of the original it does not have."""

    source: str
    notes: tuple[Note, ...]


@dataclass(slots=True)
class Flow:
    """A workflow while it is converted."""

    title: str
    graph: Graph
    notes: Notes
    made: dict[str, Made] = field(default_factory=dict)
    inputs: dict[str, JsonValue] = field(default_factory=dict)
    triggers: list[JsonValue] = field(default_factory=list)
    outputs: dict[str, JsonValue] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    """Nodes that are no step: triggers, notes on the canvas, settings of others."""

    def say(self, node: Node, what: str, to_do: str) -> None:
        """Note something about a node."""
        step = None if node.key in self.silent else self.graph.ids[node.key]
        self.notes.add(node.title or node.kind, what, to_do, step=step)

    def text(self, node: Node, holes: Holes, text: str) -> str:
        """Return a text of a node as a template; holes that cannot be filled are noted."""
        made, left = holes.text(text)
        self._unfilled(node, left)
        return made

    def value(self, node: Node, holes: Holes, value: JsonValue) -> JsonValue:
        """Return a value of a node with templates."""
        made, left = holes.value(value)
        self._unfilled(node, left)
        return made

    def _unfilled(self, node: Node, left: Sequence[str]) -> None:
        for hole in dict.fromkeys(left):
            self.say(node, f"{hole[:100]} was kept as text.", "Write it as a `${…}` expression.")

    def leave(self, node: Node, why: str = "") -> Made:
        """Return a step that stands for a node that cannot be taken over."""
        what = why or f"{node.kind} has no counterpart here."
        self.say(node, what, "Replace the step, for example by `http`, `tool` or `code`.")
        title = f"Not imported: {node.title or node.kind}"[:120]
        return Made(
            {"title": title, "description": what[:500], "transform": {"not_imported": node.kind[:200]}}
        )

    def condition(self, node: Node, said: str | None) -> str:
        """Return a condition as a template; one that cannot be said never holds."""
        if said is None:
            self.say(node, "A condition was left out; it never holds.", "Write it in `when`.")
        return "${" + (said or "false") + "}"


def assemble(flow: Flow, name: str | None = None) -> Converted:
    """Return the document of a workflow whose nodes are all converted or silent, named by its title."""
    document: JsonObject = {
        "apiVersion": "flowloom/v1",
        "kind": "Workflow",
        "metadata": {"name": name or workflow_name(flow.title), "title": flow.title[:200] or "Imported"},
    }
    if flow.inputs:
        document["inputs"] = {"type": "object", "properties": dict(flow.inputs)}
    if flow.triggers:
        document["triggers"] = list(flow.triggers)
    steps = _block(flow, None)
    document["steps"] = steps or {"nothing": {"title": "Nothing was imported", "transform": None}}
    if flow.outputs:
        document["outputs"] = dict(flow.outputs)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return Converted(text, tuple(flow.notes.found))


def workflow_name(title: str) -> str:
    """Return a title as a name of a workflow."""
    plain = _NAME.sub("-", title.lower()).strip("-")[:_MAX_NAME].strip("-")
    return plain if plain[:1].isalpha() else f"imported-{plain}".strip("-")


def _block(flow: Flow, parent: str | None) -> JsonObject:
    steps: JsonObject = {}
    for node in flow.graph.inside(parent):
        if node.key not in flow.silent:
            steps |= _step(flow, node)
    return steps


def _step(flow: Flow, node: Node) -> JsonObject:
    made, name = flow.made[node.key], flow.graph.ids[node.key]
    fields: JsonObject = {"title": node.title[:120]} if node.title else {}
    fields |= made.fields | _order(flow, node)
    more: JsonObject = {}
    if made.cases:
        cases, more = _switch(flow, node, made.cases)
        fields |= {"switch": cases} if cases else {"transform": None}
    if made.over is not None:
        inner = _block(flow, node.key)
        last = list(inner)[-1] if inner else None
        fields["loop"] = {"over": made.over}
        fields["do"] = inner or {"nothing": {"transform": "${item}"}}
        fields["output"] = "${item}" if last is None else f"${{steps.{last}.output}}"
    return {name: fields} | more


def _order(flow: Flow, node: Node) -> JsonObject:
    """Return `needs` and `join` of a step: what comes before it in the same block."""
    links = [link for link in flow.graph.into(node.key) if _is_beside(flow, link.source, node)]
    needs = [flow.graph.ids[link.source] for link in links if not flow.made[link.source].cases]
    order: JsonObject = {"needs": list(dict.fromkeys(needs))} if needs else {}
    if len({link.source for link in links}) > 1 and any(made.cases for made in flow.made.values()):
        order["join"] = "any"
    return order


def _is_beside(flow: Flow, source: str, node: Node) -> bool:
    return source not in flow.silent and flow.graph.nodes[source].parent == node.parent


def _switch(flow: Flow, node: Node, cases: Sequence[Case]) -> tuple[JsonValue, JsonObject]:
    """Return the cases of a choice, and a step for those that lead nowhere."""
    name, written, more = flow.graph.ids[node.key], list[JsonValue](), dict[str, JsonValue]()
    for case in cases:
        out = [link for link in flow.graph.out_of(node.key) if link.port == case.port]
        targets: list[JsonValue] = [
            flow.graph.ids[link.target]
            for link in out
            if link.target not in flow.silent and flow.graph.nodes[link.target].parent == node.parent
        ]
        if not targets and case.when is None:
            continue
        if not targets:
            more[f"{name}_end"] = {"title": "Nothing more to do", "transform": None}
            targets = [f"{name}_end"]
        written.append({"else": targets} if case.when is None else {"when": case.when, "then": targets})
    return written, more
