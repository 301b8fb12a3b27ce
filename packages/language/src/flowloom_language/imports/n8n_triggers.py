"""What starts an n8n workflow, as triggers and inputs."""

from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.imports.assembly import Flow
from flowloom_language.imports.graph import Node
from flowloom_language.imports.reading import fields_of, objects, text_of

BY_HAND: Final = frozenset({"manualTrigger", "start", "executeWorkflowTrigger", "formTrigger"})
_HOOK: Final = ("body", "headers", "query")


def take(flow: Flow, node: Node) -> bool:
    """Take a node over if it starts the workflow; return whether it does."""
    if node.kind in BY_HAND:
        return True
    if node.kind == "chatTrigger":
        flow.inputs["chatInput"] = {"type": "string", "default": ""}
        return True
    if node.kind == "webhook":
        mapped: JsonObject = {name: f"${{trigger.{name}}}" for name in _HOOK}
        flow.triggers.append(
            {"id": flow.graph.ids[node.key], "webhook": {"auth": "api_key"}, "inputs": mapped}
        )
        flow.inputs |= {name: {"default": None} for name in _HOOK}
        flow.say(
            node, "Its address changes, and callers need an API key.", "Publish it and tell them the address."
        )
        return True
    if node.kind in ("scheduleTrigger", "cron"):
        _schedule(flow, node)
        return True
    if node.kind.endswith("Trigger"):
        flow.say(node, f"{node.kind} has no counterpart here.", "Call the workflow's webhook instead.")
        return True
    return False


def _schedule(flow: Flow, node: Node) -> None:
    rules = objects(fields_of(fields_of(node.data.get("parameters")).get("rule")).get("interval"))
    for number, rule in enumerate(rules or [{}]):
        cron = _cron(rule)
        if cron is None:
            flow.say(node, "Its times were left out.", "Write a `schedule` trigger with a cron line.")
            continue
        name = flow.graph.ids[node.key] + (f"_{number + 1}" if number else "")
        flow.triggers.append({"id": name, "schedule": cron})


def _cron(rule: JsonObject) -> str | None:
    field = rule.get("field", "days")
    minute, hour = _number(rule, "triggerAtMinute", 0), _number(rule, "triggerAtHour", 0)
    every = _number(rule, f"{field}Interval", 1)
    if field == "cronExpression":
        parts = text_of(rule.get("expression")).lstrip("=").split()
        parts = parts[1:] if len(parts) == 6 else parts
        return " ".join(parts) if len(parts) == 5 else None
    if field == "minutes":
        return f"*/{every} * * * *" if every < 60 else None
    if field == "hours":
        return f"{minute} */{every} * * *" if every < 24 else None
    if field == "days":
        return f"{minute} {hour} * * *" if every == 1 else f"{minute} {hour} */{every} * *"
    if field == "weeks" and every == 1:
        days = rule.get("triggerAtDay")
        named = ",".join(str(day) for day in days) if isinstance(days, list) and days else "1"
        return f"{minute} {hour} * * {named}"
    if field == "months" and every <= 12:
        return f"{minute} {hour} {_number(rule, 'triggerAtDayOfMonth', 1)} */{every} *"
    return None


def _number(rule: JsonObject, name: str, otherwise: int) -> int:
    value = rule.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
