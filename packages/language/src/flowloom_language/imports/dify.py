"""Workflows of Dify, as its DSL writes them: YAML with a graph, values named `{{#node.name#}}`."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.imports.assembly import Case, Converted, Flow, Made, assemble
from flowloom_language.imports.graph import Graph, Link, Node, Notes, identifier
from flowloom_language.imports.reading import NotThisFormatError, fields_of, objects, read_mapping, text_of
from flowloom_language.imports.texts import Holes, joined, path_of

_HOLE: Final = re.compile(r"\{\{#(.*?)#\}\}")
_JINJA: Final = re.compile(r"\{\{(.*?)\}\}")
_NOT_KEPT: Final = re.compile(r"^\s*(import|from|class|async|with|global)\b|__", re.MULTILINE)
_MAIN: Final = re.compile(r"^def main\(", re.MULTILINE)
_SILENT: Final = frozenset({"", "start", "iteration-start", "loop-start"})
_OPERATIONS: Final = {
    "is": "equals",
    "=": "equals",
    "is not": "notEquals",
    "≠": "notEquals",
    "contains": "contains",
    "not contains": "notContains",
    "start with": "startsWith",
    "end with": "endsWith",
    "empty": "empty",
    "not empty": "notEmpty",
    "exists": "exists",
    "not exists": "notExists",
    ">": "gt",
    "<": "lt",
    "≥": "gte",
    "≤": "lte",
}
_TYPES: Final = {"number": "number", "text-input": "string", "paragraph": "string", "select": "string"}


def convert_dify(text: str, name: str | None = None) -> Converted:
    """Return the document of a Dify app; raise NotThisFormatError for a text that is none."""
    data = read_mapping(text)
    graph, app = fields_of(fields_of(data.get("workflow")).get("graph")), fields_of(data.get("app"))
    if not isinstance(graph.get("nodes"), list):
        raise NotThisFormatError("A Dify workflow has `workflow.graph.nodes`; other apps are not taken.")
    notes = Notes()
    nodes = [_node(one) for one in objects(graph["nodes"])]
    links = [
        Link(text_of(edge.get("source")), text_of(edge.get("target")), text_of(edge.get("sourceHandle")))
        for edge in objects(graph.get("edges"))
    ]
    flow = Flow(text_of(app.get("name")) or "Imported from Dify", Graph(nodes, links, notes), notes)
    flow.silent |= {node.key for node in nodes if node.kind in _SILENT}
    for node in nodes:
        if node.kind == "start":
            _start(flow, node, chat=app.get("mode") == "advanced-chat")
    for node in nodes:
        if node.key not in flow.silent:
            holes = Holes(_HOLE, partial(_filled, flow, node))
            flow.made[node.key] = _KNOWN.get(node.kind, _left)(flow, node, holes)
    return assemble(flow, name)


def _node(one: JsonObject) -> Node:
    data = fields_of(one.get("data"))
    parent = one.get("parentId") or data.get("iteration_id") or data.get("loop_id")
    title = text_of(data.get("title")) or text_of(data.get("type"))
    key = text_of(one.get("id"))
    return Node(key, text_of(data.get("type")), title, data, text_of(parent) if parent else None)


def _start(flow: Flow, node: Node, *, chat: bool) -> None:
    if chat:
        flow.inputs["query"] = {"type": "string", "default": ""}
    for one in objects(node.data.get("variables")):
        name, kind = identifier(text_of(one.get("variable"))), _TYPES.get(text_of(one.get("type")))
        schema: JsonObject = {"title": text_of(one.get("label")) or name}
        if kind is None:
            flow.say(node, f"The input {name!r} takes any value now.", "Say in `inputs` what it is.")
        else:
            schema["type"] = kind
        if one.get("required") is not True:
            schema["default"] = 0 if kind == "number" else ""
        flow.inputs[name] = schema


def _value_of(flow: Flow, node: Node, said: list[str]) -> str | None:
    """Return the expression for a selector such as `[node, text]`."""
    key, names = said[0], said[1:]
    if key == "sys":
        return "inputs.query" if names == ["query"] and "query" in flow.inputs else None
    if key not in flow.graph.nodes:
        return None
    source = flow.graph.nodes[key]
    if source.kind == "start":
        name = identifier(names[0]) if names else ""
        return f"inputs.{name}" if name in flow.inputs else None
    if source.kind == "iteration" and key in flow.graph.owners(node.key):
        return {"item": "item", "index": "index"}.get(names[0] if names else "")
    seen = flow.graph.seen_from(node.key, key)
    if seen is None:
        return None
    output = f"steps.{flow.graph.ids[seen]}.output"
    if seen != key or source.kind in (
        "llm",
        "template-transform",
        "iteration",
        "variable-aggregator",
        "agent",
    ):
        return output
    if source.kind == "http-request":
        part = names[0] if names else ""
        return output + {"body": ".body", "status_code": ".status", "headers": ".headers"}.get(part, "")
    path = path_of("".join(f".{name}" for name in names))
    return None if path is None else output + path


def _filled(flow: Flow, node: Node, written: str) -> str | None:
    return _value_of(flow, node, written.split("."))


def _selected(flow: Flow, node: Node, value: JsonValue) -> str | None:
    said = [text_of(one) for one in value] if isinstance(value, list) else []
    return _value_of(flow, node, said) if said else None


def _llm(flow: Flow, node: Node, holes: Holes) -> Made:
    template = node.data.get("prompt_template")
    listed = objects(template) or objects([template])
    texts = {"system": list[str](), "user": list[str]()}
    for one in listed:
        role = "system" if one.get("role") == "system" else "user"
        texts[role].append(flow.text(node, holes, text_of(one.get("text"))))
    context = _selected(flow, node, fields_of(node.data.get("context")).get("variable_selector"))
    known = f"${{{context}}}" if context else ""
    said = {role: "\n\n".join(text.replace("{{#context#}}", known) for text in texts[role]) for role in texts}
    model = text_of(fields_of(node.data.get("model")).get("name"))
    flow.say(node, f"Its model {model!r} is the workspace's default now.", "Choose one in `llm`.")
    fields: JsonObject = {"llm": "default", "prompt": said["user"] or said["system"] or "Go on."}
    return Made(fields | ({"system": said["system"]} if said["system"] and said["user"] else {}))


def _agent(flow: Flow, node: Node, holes: Holes) -> Made:
    given = fields_of(node.data.get("agent_parameters"))
    texts = [text_of(fields_of(given.get(name)).get("value")) for name in ("instruction", "query")]
    prompt = "\n\n".join(flow.text(node, holes, text) for text in texts if text)
    flow.say(node, "Its tools and its model were left out.", "Add `tools`, or another agent.")
    return Made({"agent": "research", "prompt": prompt or "Go on."})


def _code(flow: Flow, node: Node, _: Holes) -> Made:
    source = text_of(node.data.get("code"))
    if node.data.get("code_language") != "python3" or not _MAIN.search(source) or _NOT_KEPT.search(source):
        return flow.leave(node, "Its program is not Python that runs in the sandbox.")
    given: JsonObject = {}
    for one in objects(node.data.get("variables")):
        value = _selected(flow, node, one.get("value_selector"))
        if value is None:
            return flow.leave(node, "Its program takes a value that is not known here.")
        given[text_of(one.get("variable"))] = f"${{{value}}}"
    call = ", ".join(f"{name}={name}" for name in given)
    return Made({"code": {"source": f"{source.rstrip()}\n\nmain({call})\n", "with": given}})


def _http(flow: Flow, node: Node, holes: Holes) -> Made:
    data, url = node.data, flow.text(node, holes, text_of(node.data.get("url")))
    method = text_of(data.get("method")).upper() or "GET"
    if not url:
        return flow.leave(node, "It has no address.")
    http: JsonObject = {"method": method, "url": url}
    for name, field in (("headers", "headers"), ("query", "params")):
        lines = [line.partition(":") for line in text_of(data.get(field)).splitlines() if ":" in line]
        pairs = {key.strip(): flow.text(node, holes, value.strip()) for key, _, value in lines}
        if pairs:
            http[name] = dict(pairs)
    body = fields_of(data.get("body"))
    if body.get("type") not in (None, "none"):
        listed = objects(body.get("data"))
        values: JsonObject = {text_of(one.get("key")): one.get("value") for one in listed if one.get("key")}
        whole = listed[0].get("value") if listed and not values else body.get("data")
        http["body"] = flow.value(node, holes, values or whole)
    if fields_of(data.get("authorization")).get("type") not in (None, "no-auth"):
        flow.say(node, "Its key was left out.", "Save it as a secret and add a header with `${secrets.…}`.")
    return Made({"http": http})


def _if(flow: Flow, node: Node, holes: Holes) -> Made:
    given = objects(node.data.get("cases")) or [{**node.data, "case_id": "true"}]
    cases = list[Case]()
    for one in given:
        said = [_compared(flow, node, holes, condition) for condition in objects(one.get("conditions"))]
        when = joined(said, by_or=one.get("logical_operator") == "or")
        cases.append(Case(text_of(one.get("case_id")), flow.condition(node, when)))
    return Made(cases=(*cases, Case("false")))


def _compared(flow: Flow, node: Node, holes: Holes, one: JsonObject) -> str | None:
    left = _selected(flow, node, one.get("variable_selector"))
    operation = _OPERATIONS.get(text_of(one.get("comparison_operator")), "")
    if left is None:
        return None
    whole = Holes(re.compile(r"<<(.*)>>"), lambda _: left)
    value = one.get("value")
    right = holes.operand(value)
    sides = Holes(re.compile(r"<<(.*)>>"), lambda side: left if side == "left" else right)
    return (sides if right is not None else whole).comparison("<<left>>", operation, "<<right>>")


def _iteration(flow: Flow, node: Node, _: Holes) -> Made:
    over = _selected(flow, node, node.data.get("iterator_selector"))
    if over is None:
        flow.say(node, "The list it goes over is not known.", "Write it in `loop.over`.")
    return Made(over="${" + (over or "[]") + "}")


def _template(flow: Flow, node: Node, _: Holes) -> Made:
    known = {
        text_of(one.get("variable")): _selected(flow, node, one.get("value_selector"))
        for one in objects(node.data.get("variables"))
    }
    return Made({"transform": flow.text(node, Holes(_JINJA, known.get), text_of(node.data.get("template")))})


def _gathered(flow: Flow, node: Node, _: Holes) -> Made:
    listed = node.data.get("variables")
    found = [_selected(flow, node, one) for one in listed] if isinstance(listed, list) else []
    said = "null"
    for one in reversed([one for one in found if one is not None]):
        said = f"default({one}, {said})"
    return Made({"transform": f"${{{said}}}"})


def _end(flow: Flow, node: Node, holes: Holes) -> Made:
    values: JsonObject = {}
    for one in objects(node.data.get("outputs")):
        said = _selected(flow, node, one.get("value_selector"))
        values[text_of(one.get("variable"))] = None if said is None else f"${{default({said}, null)}}"
    if node.kind == "answer":
        values["answer"] = flow.text(node, holes, text_of(node.data.get("answer")))
    for name in values:
        output = f"default(steps.{flow.graph.ids[node.key]}.output.{identifier(name)}, null)"
        flow.outputs[identifier(name)] = f"${{{output}}}"
    return Made({"transform": {identifier(name): value for name, value in values.items()}})


def _left(flow: Flow, node: Node, _: Holes) -> Made:
    return flow.leave(node)


_Convert = Callable[[Flow, Node, Holes], Made]
_KNOWN: Final[dict[str, _Convert]] = {
    "llm": _llm,
    "agent": _agent,
    "code": _code,
    "http-request": _http,
    "if-else": _if,
    "iteration": _iteration,
    "template-transform": _template,
    "variable-aggregator": _gathered,
    "end": _end,
    "answer": _end,
}
