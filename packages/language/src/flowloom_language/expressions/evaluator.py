"""Computes the value of a syntax tree in a scope."""

from collections.abc import Mapping
from typing import TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, MissingValueError
from flowloom_language.expressions.functions import FUNCTIONS
from flowloom_language.expressions.functions_of_text import is_short_pattern
from flowloom_language.expressions.limits import MAX_PATTERN
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.operators import add, arithmetic, compare, is_in
from flowloom_language.expressions.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Select,
    Unary,
)
from flowloom_language.expressions.values import equal, kind, number

Scope: TypeAlias = Mapping[str, JsonValue]


def evaluate(node: Node, scope: Scope) -> JsonValue:
    """Return the value; raises ExpressionError with a message that names what is missing or wrong."""
    return Evaluation(Meter()).value(node, scope)


def is_reference(node: Node) -> bool:
    """Whether the expression only names a value, so that it passes on values of any size."""
    while isinstance(node, Select | Index):
        if isinstance(node, Index) and not isinstance(node.key, Literal):
            return False
        node = node.target
    return isinstance(node, Name)


class Evaluation:
    """One evaluation with its meter."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def value(self, node: Node, scope: Scope) -> JsonValue:
        """Return the value of a node."""
        self._meter.spend(1)
        match node:
            case Literal():
                return node.value
            case Name() | Select() | Index():
                return self._path(node, scope)
            case Binary():
                return self._binary(node, scope)
            case Unary():
                return self._unary(node, scope)
            case Call():
                return self._call(node, scope)
            case Conditional():
                return self.value(node.yes if self._truth(node.test, scope, "?") else node.no, scope)
            case Comprehension():
                return self._comprehension(node, scope)
            case ListOf():
                return [self.value(item, scope) for item in node.items]
            case MapOf():
                return self._map(node, scope)

    def _path(self, node: Node, scope: Scope) -> JsonValue:
        """Chains are walked in a loop, so that a long one needs no deep stack."""
        chain = list[Select | Index]()
        while isinstance(node, Select | Index):
            chain.append(node)
            node = node.target
        if isinstance(node, Name):
            if node.name not in scope:
                raise MissingValueError(f"{node.name!r} does not exist here.")
            found = scope[node.name]
        else:
            found = self.value(node, scope)
        self._meter.spend(len(chain))
        for link in reversed(chain):
            key = link.field if isinstance(link, Select) else self.value(link.key, scope)
            found = _step_into(found, key, link)
        return found

    def _binary(self, node: Binary, scope: Scope) -> JsonValue:
        operator = node.operator
        if operator in ("&&", "||"):
            left = self._truth(node.left, scope, operator)
            return left if left is (operator == "||") else self._truth(node.right, scope, operator)
        one, other = self.value(node.left, scope), self.value(node.right, scope)
        match operator:
            case "==" | "!=":
                return equal(one, other, self._meter) is (operator == "==")
            case "+":
                return add(one, other, self._meter)
            case "in":
                return is_in(one, other, self._meter)
            case "<" | "<=" | ">" | ">=":
                return compare(operator, one, other, self._meter)
        return arithmetic(operator, one, other)

    def _unary(self, node: Node, scope: Scope) -> JsonValue:
        signs = list[str]()
        while isinstance(node, Unary):
            signs.append(node.operator)
            node = node.operand
        found = self.value(node, scope)
        for sign in reversed(signs):
            found = (not _boolean(found, "!")) if sign == "!" else -number(found, "-")
        return found

    def _truth(self, node: Node, scope: Scope, operator: str) -> bool:
        return _boolean(self.value(node, scope), operator)

    def _call(self, node: Call, scope: Scope) -> JsonValue:
        if node.function == "default":
            found = self._if_present(node.arguments[0], scope)
            return self.value(node.arguments[1], scope) if found is None else found
        if node.function == "has":
            return self._has(node.arguments[0], scope)
        if node.function == "matches" and not isinstance(node.arguments[1], Literal):
            return self._dynamic_match(node, scope)
        return FUNCTIONS[node.function].run([self.value(a, scope) for a in node.arguments], self._meter)

    def _dynamic_match(self, node: Call, scope: Scope) -> JsonValue:
        subject, pattern = (self.value(argument, scope) for argument in node.arguments)
        if isinstance(pattern, str) and not is_short_pattern(pattern):
            raise ExpressionError(
                f"A pattern that is not a literal is at most {MAX_PATTERN} characters long."
            )
        return FUNCTIONS["matches"].run([subject, pattern], self._meter)

    def _if_present(self, node: Node, scope: Scope) -> JsonValue:
        try:
            return self.value(node, scope)
        except MissingValueError:
            return None

    def _has(self, node: Node, scope: Scope) -> bool:
        try:
            self.value(node, scope)
        except MissingValueError:
            return False
        return True

    def _map(self, node: MapOf, scope: Scope) -> JsonValue:
        made = JsonObject()
        for key_node, value_node in node.entries:
            key = self.value(key_node, scope)
            if not isinstance(key, str):
                raise ExpressionError(f"The keys of a map are texts, not {kind(key)}.")
            if key in made:
                raise ExpressionError(f"The map has the key {key[:40]!r} twice.")
            made[key] = self.value(value_node, scope)
        return made

    def _comprehension(self, node: Comprehension, scope: Scope) -> JsonValue:
        over = self.value(node.over, scope)
        if not isinstance(over, list | dict):
            raise ExpressionError(f"{node.macro} needs a list or map, not {kind(over)}.")
        self._meter.items(len(over))
        inner = dict(scope)
        made = list[JsonValue]()
        for item in over:
            inner[node.variable] = item
            if node.macro == "map":
                made.append(self.value(node.body, inner))
                continue
            holds = self._truth(node.body, inner, node.macro)
            if node.macro == "filter":
                made.extend([item] if holds else [])
            elif holds is (node.macro == "exists"):
                return holds
        return made if node.macro in ("map", "filter") else node.macro == "all"


def _step_into(found: JsonValue, key: JsonValue, link: Select | Index) -> JsonValue:
    if isinstance(found, dict) and isinstance(key, str):
        if key in found:
            return found[key]
        raise MissingValueError(f"{written(link)} does not exist: there is no {key[:60]!r}.")
    if isinstance(found, list) and isinstance(key, int | float) and not isinstance(key, bool):
        position = number(key, "An index")
        if isinstance(position, int) and 0 <= position < len(found):
            return found[position]
        raise MissingValueError(f"{written(link)} does not exist: the list has {len(found)} items.")
    raise MissingValueError(f"{written(link)} does not exist: {written(link.target)} is {kind(found)}.")


def _boolean(value: JsonValue, operator: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ExpressionError(f"{operator} needs true or false, not {kind(value)}.")


def written(node: Node) -> str:
    """Return a path as a person writes it, for messages."""
    parts = list[str]()
    while isinstance(node, Select | Index):
        parts.append(f".{node.field}" if isinstance(node, Select) else _written_key(node.key))
        node = node.target
    return (node.name if isinstance(node, Name) else "(…)") + "".join(reversed(parts))


def _written_key(key: Node) -> str:
    return f"[{key.value!r}]" if isinstance(key, Literal) else "[…]"
