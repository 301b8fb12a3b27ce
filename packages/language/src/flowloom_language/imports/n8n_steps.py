"""The nodes of n8n that have a counterpart, each as a step."""

from collections.abc import Callable
from typing import Final

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.imports.assembly import Case, Flow, Made
from flowloom_language.imports.graph import Node
from flowloom_language.imports.reading import fields_of, objects, text_of
from flowloom_language.imports.texts import Holes, joined

CHOICES: Final = frozenset({"if", "switch", "filter"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OPERATIONS: Final = {
    "equal": "equals",
    "notEqual": "notEquals",
    "larger": "gt",
    "largerEqual": "gte",
    "smaller": "lt",
    "smallerEqual": "lte",
    "isEmpty": "empty",
    "isNotEmpty": "notEmpty",
    "notExists": "notExists",
    "after": "gt",
    "before": "lt",
}
_SECONDS: Final = {"seconds": "s", "minutes": "m", "hours": "h", "days": "d"}


def convert(flow: Flow, node: Node, holes: Holes, *, previous: str | None) -> Made:
    """Return the step of a node, or one that says that there is none."""
    given = _plain(fields_of(node.data.get("parameters")))
    known = _KNOWN.get(node.kind)
    if known is not None:
        return known(flow, node, holes, given)
    if node.kind == "noOp":
        return Made({"transform": f"${{{previous}}}" if previous else None})
    if node.kind == "merge":
        sources = [
            flow.graph.ids[link.source] for link in flow.graph.into(node.key) if link.source in flow.made
        ]
        values: JsonObject = {name: f"${{default(steps.{name}.output, null)}}" for name in sources}
        flow.say(
            node, "Items are not combined; its output has what came in, by step.", "Combine them as needed."
        )
        return Made({"transform": values})
    if node.kind in ("code", "function", "functionItem"):
        return flow.leave(node, "Its program expects the items of n8n and was not taken.")
    return flow.leave(node)


def _plain(value: JsonObject) -> JsonObject:
    """Return parameters without the signs that they are expressions."""
    return {name: _without_sign(one) for name, one in value.items()}


def _without_sign(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value[1:] if value.startswith("=") else value
    if isinstance(value, list):
        return [_without_sign(one) for one in value]
    return _plain(value) if isinstance(value, dict) else value


def _http(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    method = text_of(given.get("method") or given.get("requestMethod") or "GET").upper()
    url = flow.text(node, holes, text_of(given.get("url")))
    if method not in _METHODS or not url:
        return flow.leave(node, "It has no address, or a method that is not known here.")
    http: JsonObject = {"method": method, "url": url}
    for name, field in (("headers", "headerParameters"), ("query", "queryParameters")):
        pairs = _pairs(given.get(field))
        if pairs:
            http[name] = flow.value(node, holes, pairs)
    body = given.get("jsonBody") or given.get("body") or _pairs(given.get("bodyParameters"))
    if given.get("sendBody") is not False and body and method not in ("GET", "HEAD"):
        http["body"] = flow.value(node, holes, body)
    if given.get("authentication") not in (None, "none"):
        flow.say(node, "Its sign-in was left out.", "Add a header with `${secrets.…}`.")
    return Made({"http": http})


def _pairs(value: JsonValue) -> JsonObject:
    listed = objects(fields_of(value).get("parameters"))
    return {text_of(one.get("name")): one.get("value") for one in listed if one.get("name")}


def _set(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    found: JsonObject = {}
    for one in objects(fields_of(given.get("assignments")).get("assignments")):
        found[text_of(one.get("name"))] = one.get("value")
    for group in fields_of(given.get("values")).values():
        found |= {text_of(one.get("name")): one.get("value") for one in objects(group)}
    raw = given.get("jsonOutput")
    if given.get("includeOtherFields") or (given.get("assignments") is None and not given.get("keepOnlySet")):
        flow.say(node, "It keeps only the fields that it sets.", "Use `merge(…, {…})` to keep the others.")
    return Made({"transform": flow.value(node, holes, raw if isinstance(raw, str) and not found else found)})


def _if(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    when = flow.condition(node, _judged(holes, given.get("conditions"), given.get("combineOperation")))
    cases = (Case("0", when),) if node.kind == "filter" else (Case("0", when), Case("1"))
    return Made(cases=cases)


def _switch(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    rules = fields_of(given.get("rules"))
    cases = [
        Case(str(port), flow.condition(node, _judged(holes, rule.get("conditions"))))
        for port, rule in enumerate(objects(rules.get("values")))
    ]
    for number, rule in enumerate(objects(rules.get("rules"))):
        operation = _operation(rule.get("operation") or "equal")
        said = holes.comparison(given.get("value1"), operation, rule.get("value2"))
        cases.append(Case(text_of(rule.get("output", number)), flow.condition(node, said)))
    if not cases:
        return flow.leave(node, "Its choice is a program of n8n.")
    options = fields_of(given.get("options"))
    if (options.get("fallbackOutput") or given.get("fallbackOutput")) not in (None, "none", -1):
        cases.append(Case(str(len(cases))))
    return Made(cases=tuple(cases))


def _judged(holes: Holes, value: JsonValue, combined: JsonValue = None) -> str | None:
    """Return the conditions of a filter (version 2) or of a list by type (version 1) as one expression."""
    conditions = fields_of(value)
    said = list[str | None]()
    for one in objects(conditions.get("conditions")):
        operator = fields_of(one.get("operator"))
        operation = _operation(operator.get("operation"))
        said.append(holes.comparison(one.get("leftValue"), operation, one.get("rightValue")))
    for kind in ("string", "number", "boolean"):
        for one in objects(conditions.get(kind)):
            otherwise = "smaller" if kind == "number" else "equal"
            operation = _operation(one.get("operation") or otherwise)
            said.append(holes.comparison(one.get("value1"), operation, one.get("value2")))
    return joined(said, by_or="or" in (conditions.get("combinator"), combined) or combined == "any")


def _operation(value: JsonValue) -> str:
    name = text_of(value)
    return _OPERATIONS.get(name, name)


def _wait(flow: Flow, node: Node, _: Holes, given: JsonObject) -> Made:
    amount, unit = given.get("amount", 1), _SECONDS.get(text_of(given.get("unit", "hours")))
    if unit is None or not isinstance(amount, int) or given.get("resume") in ("webhook", "form"):
        return flow.leave(node, "It waits for something that is not known here.")
    return Made({"wait": {"for": f"{amount}{unit}"}})


def _stop(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    message = flow.text(node, holes, text_of(given.get("errorMessage"))) or "Stopped."
    return Made({"stop": {"status": "failed", "message": message}})


def _prompt(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    options, listed = fields_of(given.get("options")), objects(fields_of(given.get("messages")).get("values"))
    texts = {text_of(one.get("role")): text_of(one.get("content")) for one in listed}
    prompt = text_of(given.get("text")) or texts.get("user") or texts.get("") or "{{ $json.chatInput }}"
    system = text_of(options.get("systemMessage")) or texts.get("system") or texts.get("assistant") or ""
    made = flow.text(node, holes, prompt) or "Go on."
    flow.say(node, "Its model is the workspace's default now.", "Choose one in `model`.")
    if node.kind == "agent":
        whole = f"{flow.text(node, holes, system)}\n\n{made}" if system else made
        return Made({"agent": "research", "prompt": whole})
    fields: JsonObject = {"llm": "default", "prompt": made}
    return Made(fields | ({"system": flow.text(node, holes, system)} if system else {}))


def _respond(flow: Flow, node: Node, holes: Holes, given: JsonObject) -> Made:
    body = given.get("responseBody")
    flow.outputs["response"] = f"${{default(steps.{flow.graph.ids[node.key]}.output, null)}}"
    flow.say(node, "Callers are answered at once; this is an output of the run.", "Read the run's outputs.")
    return Made({"transform": flow.value(node, holes, body)})


_Convert = Callable[[Flow, Node, Holes, JsonObject], Made]
_KNOWN: Final[dict[str, _Convert]] = {
    "httpRequest": _http,
    "set": _set,
    "if": _if,
    "filter": _if,
    "switch": _switch,
    "wait": _wait,
    "stopAndError": _stop,
    "agent": _prompt,
    "chainLlm": _prompt,
    "openAi": _prompt,
    "respondToWebhook": _respond,
}
