"""Workspace rules: whether a condition can be judged, and what it says of what is about to happen."""

from dataclasses import dataclass
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_language.expressions.errors import ExpressionError, ExpressionSyntaxError
from flowloom_language.expressions.evaluator import Scope, evaluate
from flowloom_language.expressions.references import Reference, references
from flowloom_language.expressions.syntax import Node
from flowloom_language.expressions.templates import parse_template
from flowloom_language.expressions.values import kind

RULE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "workflow": ("id", "name", "version", "labels"),
    "step": ("path", "kind", "effect"),
    "agent": (),
    "model": (),
    "tool": (),
    "cost": ("tokens", "usd"),
}
"""What a rule can name, with the fields of what has fields."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule holds; a rule that cannot be judged holds too, and `error` says why."""

    holds: bool
    error: str | None = None


def rule_scope(
    *,
    workflow: JsonObject,
    step: JsonObject | None = None,
    agent: str | None = None,
    model: str | None = None,
    tool: str | None = None,
    cost: JsonObject | None = None,
) -> Scope:
    """Return what a rule sees; what does not apply is None."""
    return {
        "workflow": workflow,
        "step": step,
        "agent": agent,
        "model": model,
        "tool": tool,
        "cost": cost or {"tokens": 0, "usd": 0},
    }


def condition_problem(when: str) -> str | None:
    """Return what is wrong with a condition before it is ever judged, or None."""
    try:
        named = references(_parsed(when))
    except ExpressionSyntaxError as error:
        return error.message
    return next((problem for problem in map(_name_problem, named) if problem), None)


def judge_rule(when: str, scope: Scope) -> Verdict:
    """Judge a condition; one that names something absent, such as `tool` where none is called, does not hold.

    A refusal must not depend on luck: an error, or a value that is not true or false, counts as holding.
    """
    try:
        node = _parsed(when)
        if any(scope.get(named.name) is None and not named.is_lenient for named in references(node)):
            return Verdict(holds=False)
        value = evaluate(node, scope)
    except (ExpressionSyntaxError, ExpressionError) as error:
        return Verdict(holds=True, error=str(error))
    if isinstance(value, bool):
        return Verdict(holds=value)
    return Verdict(holds=True, error=f"A condition needs true or false, not {kind(value)}.")


def _parsed(when: str) -> Node:
    """Return the expression of one `${…}` or of a bare condition."""
    written = when.strip()
    template = parse_template(written if written.startswith("${") else f"${{{written}}}")
    if template.only is None:
        raise ExpressionSyntaxError("A condition is exactly one ${…}.", 0)
    return template.only


def _name_problem(named: Reference) -> str | None:
    if named.name not in RULE_NAMES:
        return f"{named.name!r} is unknown; a rule sees {', '.join(RULE_NAMES)}."
    fields = RULE_NAMES[named.name]
    first = named.fields[0] if named.fields else None
    if first is None or first in fields:
        return None
    if not fields:
        return f"{named.name!r} is a name and has no {str(first)!r}."
    return f"{named.name!r} has no {str(first)!r}; it has {', '.join(fields)}."
