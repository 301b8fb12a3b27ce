"""Flows of Flowise (agentflow, version 2): nodes on a canvas, values named `{{ node }}`, texts with HTML."""

import html
import re
from collections.abc import Callable
from functools import partial
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.imports.assembly import Case, Converted, Flow, Made, assemble
from flowloom_language.imports.graph import Graph, Link, Node, Notes, identifier
from flowloom_language.imports.reading import NotThisFormatError, fields_of, objects, read_json, text_of
from flowloom_language.imports.texts import Holes, path_of

_HOLE: Final = re.compile(r"\{\{(.*?)\}\}")
_MARKUP: Final = re.compile(r"<[^<>]{1,2000}>")
_PORT: Final = re.compile(r"-output-(.+)$")
_NAMED: Final = re.compile(r"([A-Za-z0-9_-]+)(?:\.data\.instance|\.output)?(.*)")
_OPERATIONS: Final = {
    "equal": "equals",
    "notEqual": "notEquals",
    "contains": "contains",
    "notContains": "notContains",
    "startsWith": "startsWith",
    "endsWith": "endsWith",
    "isEmpty": "empty",
    "notEmpty": "notEmpty",
    "larger": "gt",
    "largerEqual": "gte",
    "smaller": "lt",
    "smallerEqual": "lte",
}


def convert_flowise(text: str, name: str | None = None) -> Converted:
    """Return the document of a Flowise flow; raise NotThisFormatError for a text that is none."""
    data = read_json(text)
    if not isinstance(data.get("nodes"), list) or not isinstance(data.get("edges"), list):
        raise NotThisFormatError("A Flowise flow has `nodes` and `edges`.")
    notes = Notes()
    nodes = [_node(one) for one in objects(data["nodes"])]
    links = [
        Link(text_of(edge.get("source")), text_of(edge.get("target")), _port(edge))
        for edge in objects(data["edges"])
    ]
    flow = Flow(text_of(data.get("name")) or "Imported from Flowise", Graph(nodes, links, notes), notes)
    flow.inputs["question"] = {"type": "string", "default": ""}
    for node in nodes:
        if node.kind == "startAgentflow":
            _start(flow, node)
        if node.kind in ("startAgentflow", "stickyNoteAgentflow", "stickyNote"):
            flow.silent.add(node.key)
    for node in nodes:
        if node.key not in flow.silent:
            holes = Holes(_HOLE, partial(_expression, flow, node))
            flow.made[node.key] = _KNOWN.get(node.kind, _left)(flow, node, holes)
    return assemble(flow, name)


def _node(one: JsonObject) -> Node:
    data = fields_of(one.get("data"))
    title = text_of(data.get("label")) or text_of(data.get("name"))
    parent = one.get("parentNode") or one.get("parentId")
    inputs = fields_of(data.get("inputs"))
    return Node(text_of(one.get("id")), text_of(data.get("name")), title, inputs, text_of(parent) or None)


def _port(edge: JsonObject) -> str:
    found = _PORT.search(text_of(edge.get("sourceHandle")))
    return found[1] if found else ""


def _start(flow: Flow, node: Node) -> None:
    for one in objects(node.data.get("formInputTypes")):
        kind = {"number": "number", "boolean": "boolean"}.get(text_of(one.get("type")), "string")
        name = identifier(text_of(one.get("name")))
        flow.inputs[name] = {"type": kind, "title": text_of(one.get("label")) or name}
    if node.data.get("startState"):
        flow.say(node, "The state of the flow was left out.", "Use outputs of steps instead.")


def _expression(flow: Flow, node: Node, written: str) -> str | None:
    if written in ("question", "$question"):
        return "inputs.question"
    if written.startswith(("$form.", "form.")):
        name = identifier(written.partition(".")[2])
        return f"inputs.{name}" if name in flow.inputs else None
    if written.startswith("$iteration"):
        path = path_of(written.removeprefix("$iteration"))
        return f"item{path}" if node.parent is not None and path is not None else None
    found = _NAMED.fullmatch(written)
    key = found[1] if found else ""
    if found is None or key not in flow.graph.nodes or key in flow.silent:
        return None
    seen, path = flow.graph.seen_from(node.key, key), path_of(found[2])
    if seen is None or path is None:
        return None
    kind = flow.graph.nodes[key].kind
    body = ".body" if kind == "httpAgentflow" and seen == key else ""
    inner = path.removeprefix(".content").removeprefix(".data")
    return f"steps.{flow.graph.ids[seen]}.output{body}{inner if seen == key else ''}"


def _said(flow: Flow, node: Node, holes: Holes, text: object) -> str:
    """Return a text without the markup of the editor, as a template."""
    plain = text if isinstance(text, str) else ""
    if "</" in plain:
        plain = html.unescape(_MARKUP.sub("", plain.replace("</p><p>", "</p>\n<p>")))
    return flow.text(node, holes, plain)


def _prompted(flow: Flow, node: Node, holes: Holes) -> Made:
    name = "llm" if node.kind == "llmAgentflow" else "agent"
    system, user = list[str](), list[str]()
    for one in objects(node.data.get(f"{name}Messages")):
        kept = system if one.get("role") in ("system", "developer") else user
        kept.append(_said(flow, node, holes, one.get("content")))
    asked = _said(flow, node, holes, node.data.get(f"{name}UserMessage")) or "\n\n".join(user)
    prompt = asked or "${inputs.question}"
    flow.say(node, "Its model is the workspace's default now.", "Choose one in `model`.")
    if name == "agent":
        if node.data.get("agentTools") or node.data.get("agentKnowledgeDocumentStores"):
            flow.say(node, "Its tools and documents were left out.", "Add `tools`, or `memory`.")
        return Made({"agent": "research", "prompt": "\n\n".join([*system, prompt])})
    fields: JsonObject = {"llm": "default", "prompt": prompt}
    return Made(fields | ({"system": "\n\n".join(system)} if system else {}))


def _condition(flow: Flow, node: Node, holes: Holes) -> Made:
    cases = list[Case]()
    for port, one in enumerate(objects(node.data.get("conditions"))):
        operation = _OPERATIONS.get(text_of(one.get("operation")), "")
        left, right = (_plain(text_of(one.get(side))) for side in ("value1", "value2"))
        cases.append(Case(str(port), flow.condition(node, holes.comparison(left, operation, right))))
    if not cases:
        return flow.leave(node, "It has no conditions.")
    return Made(cases=(*cases, Case(str(len(cases)))))


def _plain(text: str) -> str:
    return html.unescape(_MARKUP.sub("", text)) if "</" in text else text


def _http(flow: Flow, node: Node, holes: Holes) -> Made:
    url = _said(flow, node, holes, node.data.get("url"))
    if not url:
        return flow.leave(node, "It has no address.")
    http: JsonObject = {"method": text_of(node.data.get("method")).upper() or "GET", "url": url}
    for name, field in (("headers", "headers"), ("query", "queryParams")):
        listed = objects(node.data.get(field))
        pairs = {text_of(one.get("key")): _said(flow, node, holes, one.get("value")) for one in listed}
        if pairs:
            http[name] = dict(pairs)
    if node.data.get("body"):
        http["body"] = _said(flow, node, holes, node.data["body"])
    if node.data.get("FLOWISE_CREDENTIAL_ID") or node.data.get("credential"):
        flow.say(node, "Its credential was left out.", "Save it as a secret and use `${secrets.…}`.")
    return Made({"http": http})


def _reply(flow: Flow, node: Node, holes: Holes) -> Made:
    message = _said(flow, node, holes, node.data.get("directReplyMessage"))
    name = flow.graph.ids[node.key]
    flow.outputs[name] = f"${{default(steps.{name}.output, null)}}"
    return Made({"transform": message})


def _iteration(flow: Flow, node: Node, holes: Holes) -> Made:
    text = text_of(node.data.get("iterationInput"))
    over = holes.operand(_plain(text)) if _HOLE.search(text) else None
    if over is None:
        flow.say(node, "The list it goes over is not known.", "Write it in `loop.over`.")
    return Made(over="${" + (over or "[]") + "}")


def _asked(flow: Flow, node: Node, holes: Holes) -> Made:
    message = _said(flow, node, holes, node.data.get("humanInputDescription"))
    flow.say(node, "Its ways out for yes and no became one.", "Put a `switch` on its decision behind it.")
    return Made({"approval": {"title": node.title[:200] or "Go on?", "message": message}})


def _left(flow: Flow, node: Node, _: Holes) -> Made:
    if node.kind == "customFunctionAgentflow":
        return flow.leave(node, "Its program is JavaScript and was not taken.")
    return flow.leave(node)


_Convert = Callable[[Flow, Node, Holes], Made]
_KNOWN: Final[dict[str, _Convert]] = {
    "llmAgentflow": _prompted,
    "agentAgentflow": _prompted,
    "conditionAgentflow": _condition,
    "httpAgentflow": _http,
    "directReplyAgentflow": _reply,
    "iterationAgentflow": _iteration,
    "humanInputAgentflow": _asked,
}
