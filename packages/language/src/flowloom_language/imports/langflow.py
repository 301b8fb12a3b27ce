"""Flows of Langflow: components whose fields are wired to each other by the edges of a canvas."""

import json
import re
from collections.abc import Callable
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.imports.assembly import Case, Converted, Flow, Made, assemble
from flowloom_language.imports.graph import Graph, Link, Node, Notes, identifier
from flowloom_language.imports.reading import NotThisFormatError, fields_of, objects, read_json, text_of
from flowloom_language.imports.texts import Holes

_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_ ]{0,62})\}")
_NOTHING: Final = re.compile(r"(?!)")
_MODEL: Final = re.compile(r"(LanguageModel\w*|\w+Model|\w+ModelComponent)")
_INPUTS: Final = frozenset({"ChatInput", "TextInput", "TextInputComponent"})
_OUTPUTS: Final = frozenset({"ChatOutput", "TextOutput", "TextOutputComponent"})
_OPERATIONS: Final = {
    "equals": "equals",
    "not equals": "notEquals",
    "contains": "contains",
    "starts with": "startsWith",
    "ends with": "endsWith",
    "greater than": "gt",
    "less than": "lt",
    "greater than or equal": "gte",
    "less than or equal": "lte",
}


def convert_langflow(text: str, name: str | None = None) -> Converted:
    """Return the document of a Langflow flow; raise NotThisFormatError for a text that is none."""
    data = read_json(text)
    graph = fields_of(data.get("data"))
    if not isinstance(graph.get("nodes"), list) or not isinstance(graph.get("edges"), list):
        raise NotThisFormatError("A Langflow flow has `data.nodes` and `data.edges`.")
    notes = Notes()
    nodes = [_node(one) for one in objects(graph["nodes"])]
    wires = [_Wire.of(edge) for edge in objects(graph["edges"])]
    links = [Link(wire.source, wire.target, wire.port) for wire in wires]
    flow = Flow(text_of(data.get("name")) or "Imported from Langflow", Graph(nodes, links, notes), notes)
    wiring = _Wiring(flow, wires)
    for node in nodes:
        if node.kind in _INPUTS:
            flow.inputs[flow.graph.ids[node.key]] = {"type": "string", "default": _field(node, "input_value")}
        if node.kind in _INPUTS or node.kind in ("note", "noteNode", ""):
            flow.silent.add(node.key)
    for node in nodes:
        if node.key not in flow.silent:
            flow.made[node.key] = _converter(node.kind)(flow, node, wiring)
    return assemble(flow, name)


class _Wire:
    """An edge: which output of a component fills which field of another."""

    def __init__(self, source: str, target: str, port: str, field: str) -> None:
        self.source, self.target, self.port, self.field = source, target, port, field

    @classmethod
    def of(cls, edge: JsonObject) -> "_Wire":
        """Read an edge; its handles are objects, or texts with `œ` for quotes."""
        data = fields_of(edge.get("data"))
        source = fields_of(data.get("sourceHandle")) or _handle(edge.get("sourceHandle"))
        target = fields_of(data.get("targetHandle")) or _handle(edge.get("targetHandle"))
        return cls(
            text_of(edge.get("source")),
            text_of(edge.get("target")),
            text_of(source.get("name")),
            text_of(target.get("fieldName")),
        )


def _handle(text: object) -> JsonObject:
    try:
        return fields_of(json.loads(text.replace("œ", '"'))) if isinstance(text, str) else {}
    except ValueError:
        return {}


class _Wiring:
    """What fills the fields of components."""

    def __init__(self, flow: Flow, wires: list[_Wire]) -> None:
        self._flow = flow
        self._wires = wires

    def expression(self, node: Node, field: str) -> str | None:
        """Return the expression for what is wired to a field."""
        for wire in self._wires:
            if wire.target == node.key and wire.field == field and wire.source in self._flow.graph.nodes:
                return self._output(node, wire)
        return None

    def text(self, node: Node, field: str) -> str:
        """Return a field as a template: what is wired to it, else what stands in it."""
        wired = self.expression(node, field)
        if wired is not None:
            return f"${{{wired}}}"
        return self._flow.text(node, Holes(_NOTHING, lambda _: None), _field(node, field))

    def sources(self, node: Node, field: str) -> list[Node]:
        """Return the components that are wired to a field."""
        found = [wire.source for wire in self._wires if wire.target == node.key and wire.field == field]
        return [self._flow.graph.nodes[key] for key in found if key in self._flow.graph.nodes]

    def _output(self, node: Node, wire: _Wire) -> str | None:
        source = self._flow.graph.nodes[wire.source]
        name = self._flow.graph.ids[source.key]
        if source.kind in _INPUTS:
            return f"inputs.{name}"
        if source.kind == "ConditionalRouter":
            return self.expression(source, "message") or self.expression(source, "input_text")
        if self._flow.graph.seen_from(node.key, source.key) != source.key:
            return None
        body = ".body" if source.kind == "APIRequest" else ""
        return f"steps.{name}.output{body}"


def _node(one: JsonObject) -> Node:
    data = fields_of(one.get("data"))
    kind, inner = text_of(data.get("type")), fields_of(data.get("node"))
    return Node(text_of(one.get("id")), kind, text_of(inner.get("display_name")) or kind, inner)


def _field(node: Node, name: str) -> str:
    return text_of(fields_of(fields_of(node.data.get("template")).get(name)).get("value"))


def _converter(kind: str) -> "_Convert":
    if kind in _OUTPUTS:
        return _output
    known = _KNOWN.get(kind)
    if known is None and _MODEL.fullmatch(kind):
        return _model
    return known or _left


def _model(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    prompt = wiring.text(node, "input_value") or "Go on."
    system = wiring.text(node, "system_message")
    flow.say(node, "Its model is the workspace's default now.", "Choose one in `llm`.")
    fields: JsonObject = {"llm": "default", "prompt": prompt}
    return Made(fields | ({"system": system} if system else {}))


def _agent(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    system, prompt = _field(node, "system_prompt"), wiring.text(node, "input_value") or "Go on."
    wired = wiring.text(node, "system_prompt") if system or wiring.expression(node, "system_prompt") else ""
    for tool in wiring.sources(node, "tools"):
        flow.say(tool, "It was a tool of an agent.", "Name a tool of the workspace in the agent's `tools`.")
    flow.say(node, "Its model is the workspace's default now.", "Choose one in `model`.")
    return Made({"agent": "research", "prompt": f"{wired}\n\n{prompt}" if wired else prompt})


def _prompt(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    def filled(name: str) -> str | None:
        wired = wiring.expression(node, name)
        written = _field(node, name)
        return wired or (json.dumps(written, ensure_ascii=False) if written else None)

    return Made({"transform": flow.text(node, Holes(_HOLE, filled), _field(node, "template"))})


def _http(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    url = wiring.text(node, "url_input") or wiring.text(node, "urls") or wiring.text(node, "url")
    if not url or url.startswith("["):
        return flow.leave(node, "It has no single address.")
    method = _field(node, "method").upper() or "GET"
    http: JsonObject = {"method": method, "url": url}
    listed = objects(fields_of(fields_of(node.data.get("template")).get("headers")).get("value"))
    pairs: JsonObject = {
        text_of(one.get("key")): text_of(one.get("value")) for one in listed if one.get("key")
    }
    if pairs:
        http["headers"] = flow.value(node, Holes(_NOTHING, lambda _: None), pairs)
    body = wiring.expression(node, "body")
    if body is not None and method not in ("GET", "HEAD"):
        http["body"] = f"${{{body}}}"
    return Made({"http": http})


def _router(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    operation = _OPERATIONS.get(_field(node, "operator"), "")
    left = wiring.expression(node, "input_text")
    right = wiring.expression(node, "match_text") or json.dumps(
        _field(node, "match_text"), ensure_ascii=False
    )
    sides = Holes(re.compile("<<(.*)>>"), lambda side: left if side == "left" else right)
    when = flow.condition(node, sides.comparison("<<left>>", operation, "<<right>>"))
    return Made(cases=(Case("true_result", when), Case("false_result")))


def _output(flow: Flow, node: Node, wiring: _Wiring) -> Made:
    name = identifier(flow.graph.ids[node.key])
    flow.outputs[name] = f"${{default(steps.{flow.graph.ids[node.key]}.output, null)}}"
    return Made({"transform": wiring.text(node, "input_value")})


def _left(flow: Flow, node: Node, _: _Wiring) -> Made:
    if text_of(fields_of(fields_of(node.data.get("template")).get("code")).get("value")):
        return flow.leave(node, f"{node.kind} is a program of Langflow and was not taken.")
    return flow.leave(node)


_Convert = Callable[[Flow, Node, _Wiring], Made]
_KNOWN: Final[dict[str, _Convert]] = {
    "Agent": _agent,
    "Prompt": _prompt,
    "Prompt Template": _prompt,
    "PromptComponent": _prompt,
    "APIRequest": _http,
    "ConditionalRouter": _router,
}
