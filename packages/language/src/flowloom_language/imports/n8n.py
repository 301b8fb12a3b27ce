"""Workflows of n8n, as its editor exports them: nodes by name, `connections`, parameters with `={{ … }}`."""

import re
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.imports import n8n_steps, n8n_triggers
from flowloom_language.imports.assembly import Converted, Flow, Made, assemble
from flowloom_language.imports.graph import Graph, Link, Node, Notes
from flowloom_language.imports.reading import NotThisFormatError, fields_of, objects, read_json, text_of
from flowloom_language.imports.texts import Holes, path_of

_HOLE: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_OF_NODE: Final = re.compile(
    r"""(?:\$\((?P<q1>["'])(?P<called>.+?)(?P=q1)\)\.(?:item|first\(\)|last\(\))\.json"""
    r"""|\$node\[(?P<q2>["'])(?P<named>.+?)(?P=q2)\]\.json|\$json|\$input\.(?:item|first\(\))\.json)"""
    r"(?P<path>.*)",
    re.DOTALL,
)
_LOOP: Final = "splitInBatches"


def convert_n8n(text: str, name: str | None = None) -> Converted:
    """Return the document of an n8n workflow; raise NotThisFormatError for a text that is none."""
    data = read_json(text)
    if not isinstance(data.get("nodes"), list) or not isinstance(data.get("connections"), dict):
        raise NotThisFormatError("An n8n workflow has `nodes` and `connections`.")
    notes = Notes()
    nodes = [_node(one) for one in objects(data["nodes"])]
    links, parts = _links(fields_of(data["connections"]))
    nodes = _with_loops(nodes, links)
    loops = {node.key for node in nodes if node.kind == _LOOP}
    inside = {node.key: node.parent for node in nodes}
    links = [link for link in links if not _closes_a_loop(link, inside, loops)]
    flow = Flow(text_of(data.get("name")) or "Imported from n8n", Graph(nodes, links, notes), notes)
    for node in nodes:
        if node.key in parts or node.kind == "stickyNote":
            flow.silent.add(node.key)
            if node.key in parts:
                flow.say(
                    node, f"{node.kind} was a part of another node.", "Set its model, tool or memory there."
                )
        elif n8n_triggers.take(flow, node):
            flow.silent.add(node.key)
    for node in nodes:
        if node.key not in flow.silent:
            flow.made[node.key] = _made(flow, node)
    return assemble(flow, name)


def _node(data: JsonObject) -> Node:
    kind = text_of(data.get("type")).rpartition(".")[2]
    name = text_of(data.get("name")) or kind
    return Node(name, kind, name, data)


def _links(connections: JsonObject) -> tuple[list[Link], set[str]]:
    """Return the links between nodes, and the nodes that are only parts of others."""
    links, parts = list[Link](), set[str]()
    for source, kinds in connections.items():
        for kind, ways in fields_of(kinds).items():
            for port, targets in enumerate(ways if isinstance(ways, list) else []):
                for target in objects(targets):
                    if kind == "main":
                        links.append(Link(source, text_of(target.get("node")), str(port)))
                    else:
                        parts.add(source)
    return links, parts


def _with_loops(nodes: list[Node], links: list[Link]) -> list[Node]:
    """Put what `Loop Over Items` repeats into it: what leads from its way out back to it."""
    parents = dict[str, str]()
    for node in nodes:
        if node.kind != _LOOP:
            continue
        version = node.data.get("typeVersion")
        way = "1" if isinstance(version, int | float) and version >= 3 else "0"
        begun = [link.target for link in links if link.source == node.key and link.port == way]
        for key in _between(begun, node.key, links):
            parents.setdefault(key, node.key)
    return [Node(one.key, one.kind, one.title, one.data, parents.get(one.key)) for one in nodes]


def _between(begun: list[str], loop: str, links: list[Link]) -> set[str]:
    found, waiting = set[str](), [key for key in begun if key != loop]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += [link.target for link in links if link.source == key and link.target != loop]
    returns = {link.source for link in links if link.target == loop}
    return found if found & returns else set()


def _closes_a_loop(link: Link, inside: dict[str, str | None], loops: set[str]) -> bool:
    begins = link.source in loops and inside.get(link.target) == link.source
    return begins or (link.target in loops and inside.get(link.source) == link.target)


def _made(flow: Flow, node: Node) -> Made:
    holes = Holes(_HOLE, lambda written: _expression(flow, node, written))
    for name in fields_of(node.data.get("credentials")):
        flow.say(
            node, f"The credential {name!r} was left out.", "Save it as a secret and use `${secrets.…}`."
        )
    if node.data.get("disabled") is True:
        return flow.leave(node, f"{node.kind} was switched off.")
    if node.kind == _LOOP:
        return Made(over="${" + (_previous(flow, node) or "[]") + "}")
    return n8n_steps.convert(flow, node, holes, previous=_previous(flow, node))


def _expression(flow: Flow, node: Node, written: str) -> str | None:
    found = _OF_NODE.fullmatch(written)
    if found is None:
        return None
    path = path_of(found["path"])
    if path is None:
        return None
    named = found["called"] or found["named"]
    if named is None:
        before = _previous(flow, node)
        return None if before is None else _into_inputs(flow, before, path)
    if named not in flow.graph.nodes:
        return None
    if named in flow.silent:
        return _into_inputs(flow, "inputs", path)
    seen = flow.graph.seen_from(node.key, named)
    return None if seen is None else f"{_output(flow, seen)}{path}"


def _into_inputs(flow: Flow, before: str, path: str) -> str:
    name = re.match(r"\.([a-z][a-z0-9_]{0,62})", path) if before == "inputs" else None
    if name is not None:
        flow.inputs.setdefault(name[1], {"default": None})
    return f"{before}{path}"


def _previous(flow: Flow, node: Node) -> str | None:
    """Return the expression for what comes into a node: of the step before it, the inputs, or the item."""
    for link in flow.graph.into(node.key):
        if link.source in flow.silent:
            return "inputs"
        if flow.graph.nodes[link.source].parent == node.parent:
            return _passed_on(flow, link.source)
    return "item" if node.parent is not None else None


def _passed_on(flow: Flow, key: str) -> str | None:
    """Return what a node gives to the next; a choice gives what it was given."""
    if flow.graph.nodes[key].kind in n8n_steps.CHOICES:
        return _previous(flow, flow.graph.nodes[key])
    return _output(flow, key)


def _output(flow: Flow, key: str) -> str:
    suffix = ".body" if flow.graph.nodes[key].kind == "httpRequest" else ""
    return f"steps.{flow.graph.ids[key]}.output{suffix}"
